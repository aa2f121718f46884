import type { SqlSession } from '../../../../platform/database/index.js';
import type { ExplainedStatement, SearchExplanation } from '../../search-explanation.js';
import { tables } from '../keys.js';
import type { Driver } from './driver.js';
import type { Fragment } from './fragment.js';
import type { RowSource } from './row-condition.js';
import { statementPlan } from './statement-plan.js';

interface Traced extends Omit<ExplainedStatement, 'plan' | 'sql'> {
  readonly statement: Fragment;
}

/** Notes what a search does, to be explained afterwards. */
export class SearchTrace {
  driver: Driver['kind'] | null = null;
  private countLimit = 0;
  private readonly candidates: SearchExplanation['candidates'][number][] = [];
  private readonly statements: Traced[] = [];

  add(statement: Traced): void {
    this.statements.push(statement);
  }

  counted(candidates: readonly (readonly RowSource[])[], rows: readonly number[], limit: number): void {
    this.countLimit = limit;
    candidates.forEach((sources, n) => {
      this.candidates.push({ tables: [...new Set(sources.map(tablesOf))], rows: rows[n] ?? 0 });
    });
  }

  /** @param timeout milliseconds for each plan */
  async explanation(session: SqlSession, timeout: number): Promise<SearchExplanation> {
    const statements: ExplainedStatement[] = [];
    for (const { statement, ...noted } of this.statements) {
      const plan = await statementPlan(session, statement, timeout);
      statements.push({ ...noted, sql: statement.sql, plan });
    }
    const { driver, candidates, countLimit } = this;
    return { driver, candidates, countLimit, statements };
  }
}

/** What a chain or `_has` gathers comes from references. */
function tablesOf(source: RowSource): string {
  return 'table' in source ? source.table : tables.reference;
}
