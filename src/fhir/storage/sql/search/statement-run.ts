import {
  deadlineCondition,
  deadlineOfEachRow,
  isStatementTimeout,
  type SqlRow,
  type SqlSession,
} from '../../../../platform/database/index.js';
import type { ExplainedStatement } from '../../search-explanation.js';
import { sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { SearchTrace } from './search-trace.js';
import { sqlText } from './sql-text.js';
import type { SqlText } from './sql-text.js';
import type { Deadline } from './statement-context.js';
import { tooCostly } from './statement-patience.js';

const byFunction: Deadline = {
  ofRows: (alias) => sql(deadlineCondition(`${alias}.rid`)),
  ofTested: (alias) => sql(deadlineOfEachRow(`${alias}.rid`)),
};

/** The statements of one search, held to one time together. */
export class StatementRun {
  readonly text: SqlText;
  readonly deadline: Deadline | null;
  private readonly until: number;

  /**
   * @param timeout milliseconds for all of them
   * @param trace where they are noted; null: nowhere
   */
  constructor(
    readonly session: SqlSession,
    readonly timeout: number,
    readonly trace: SearchTrace | null = null,
  ) {
    this.text = sqlText(session.dialect);
    this.until = Date.now() + timeout;
    this.deadline = session.dialect === 'sqlite' ? byFunction : null;
  }

  /** @throws FirekeepError 422 `FHIR_SEARCH_TOO_COSTLY` */
  async rows(purpose: ExplainedStatement['purpose'], statement: Fragment): Promise<SqlRow[]> {
    try {
      return await this.within(this.left, purpose, statement);
    } catch (error) {
      throw isStatementTimeout(error) ? tooCostly(error) : error;
    }
  }

  /** Undefined where it takes longer than these milliseconds: what there is another way for. */
  async rowsWithin(
    milliseconds: number,
    purpose: ExplainedStatement['purpose'],
    statement: Fragment,
  ): Promise<SqlRow[] | undefined> {
    try {
      return await this.within(Math.min(this.left, milliseconds), purpose, statement);
    } catch (error) {
      if (isStatementTimeout(error)) return undefined;
      throw error;
    }
  }

  private get left(): number {
    return Math.max(1, this.until - Date.now());
  }

  private async within(
    timeout: number,
    purpose: ExplainedStatement['purpose'],
    statement: Fragment,
  ): Promise<SqlRow[]> {
    const start = performance.now();
    const rows = await this.session.query(statement.sql, statement.values, timeout);
    const milliseconds = performance.now() - start;
    this.trace?.add({ purpose, statement, milliseconds, rows: rows.length });
    return rows;
  }
}
