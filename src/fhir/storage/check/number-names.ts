import type { SqlSession } from '../../../platform/database/index.js';
import type { ParameterValues } from '../../search/index-values.js';
import { indexRows } from '../sql/index-rows.js';
import type { IndexRows } from '../sql/index-tables.js';
import type { SqlInternedNames } from '../sql/interned-names.js';
import { keyText, tables, uriKey } from '../sql/keys.js';
import { NameResolver } from '../sql/name-resolver.js';
import { stateNumber } from '../sql/sql-parameter-registry.js';
import { coveredParameters, isWhole } from '../sql/sql-search-coverage.js';
import type { RecordedParameter } from '../search-coverage.js';

/** Parameters, systems and types become known round by round; more rounds find nothing more. */
const ROUNDS = 4;

/** Names and numbers as the tables have them; gives none out. */
export class NumberNames {
  private repositories = new Map<number, string>();
  private types = new Map<number, string>();
  private parameters = new Map<number, string>();
  private uncertain = new Map<number, boolean>();

  constructor(
    private readonly session: SqlSession,
    private readonly interned: SqlInternedNames,
    /** Parameters of extensions whose values are derived here. */
    private readonly additions: readonly RecordedParameter[],
  ) {}

  /** @returns undefined where no repository has the number */
  async repository(id: number): Promise<string | undefined> {
    if (!this.repositories.has(id)) this.repositories = await this.load(tables.repository, 'name');
    return this.repositories.get(id);
  }

  async type(id: number): Promise<string | undefined> {
    if (!this.types.has(id)) this.types = await this.load(tables.type, 'name');
    return this.types.get(id);
  }

  /** Code of a search parameter, with what an index row of an unknown one is called instead. */
  async parameter(id: number): Promise<string> {
    if (id !== 0 && !this.parameters.has(id)) this.parameters = await this.load(tables.parameter, 'code');
    return this.parameters.get(id) ?? `parameter ${id}`;
  }

  /**
   * Whether not every resource has the values of a search parameter yet, or some have them still, or they are those
   * of an extension that this process has not, or in another version.
   */
  async isUncertain(id: number): Promise<boolean> {
    if (id === 0) return false;
    if (!this.uncertain.has(id)) this.uncertain = await this.loadUncertain();
    return this.uncertain.get(id) ?? false;
  }

  /** Learns anew what is uncertain. */
  forget(): void {
    this.uncertain = new Map();
  }

  private async loadUncertain(): Promise<Map<number, boolean>> {
    const recorded = await coveredParameters(this.session);
    const certain = new Set(
      this.additions.filter((one) => isWhole(recorded, one)).map(({ type, code }) => `${type} ${code}`),
    );
    const added = [...recorded.values()].map(({ type, code }) => `${type} ${code}`);
    const incomplete = await this.session.query(
      `SELECT repository, type, code FROM ${tables.searchParameter} WHERE state <> ?`,
      [stateNumber('complete')],
    );
    const names = new Set([
      ...added.filter((name) => !certain.has(name)),
      ...incomplete.map(
        ({ repository, type, code }) => `${Number(repository)} ${keyText(type)} ${keyText(code)}`,
      ),
    ]);
    const parameters = await this.session.query(
      `SELECT p.id, p.repository, t.name, p.code FROM ${tables.parameter} p JOIN ${tables.type} t ON t.id = p.type`,
    );
    return new Map(
      parameters.map(({ id, repository, name, code }) => {
        // What modifiers search has codes of its own: `code:text`.
        const parameter = `${keyText(name)} ${keyText(code).split(':', 1)[0] ?? ''}`;
        return [Number(id), names.has(parameter) || names.has(`${Number(repository)} ${parameter}`)];
      }),
    );
  }

  /**
   * The index rows that values derive, with the numbers that names have. A name without a number counts as 0: a
   * row with it can't be there, so it will be named as missing.
   */
  async indexRows(
    { rid, repository, type }: { readonly rid: number; readonly repository: number; readonly type: number },
    values: readonly ParameterValues[],
  ): Promise<IndexRows> {
    const systems = new Map<string, number>();
    let rows: IndexRows;
    for (let round = 1; ; round++) {
      const resolver = new NameResolver(this.interned, systems);
      rows = indexRows(rid, resolver.of(repository, type), values);
      if (resolver.missing.isEmpty || round === ROUNDS) return rows;
      await this.look(resolver, systems);
    }
  }

  private async look({ missing }: NameResolver, systems: Map<string, number>): Promise<void> {
    for (const name of missing.types) await this.interned.typeId(this.session, name);
    for (const [repository, type, code] of missing.parameters.values()) {
      const repositoryName = await this.repository(repository);
      const typeName = await this.type(type);
      if (repositoryName === undefined || typeName === undefined) continue;
      await this.interned.parameterId(this.session, repositoryName, typeName, code);
    }
    for (const uri of missing.systems) {
      const id = await this.interned.systemId(this.session, uri);
      if (id !== undefined) systems.set(uriKey(uri), id);
    }
  }

  private async load(table: string, column: string): Promise<Map<number, string>> {
    const rows = await this.session.query(`SELECT id, ${column} AS name FROM ${table}`);
    return new Map(rows.map((row) => [Number(row.id), keyText(row.name)]));
  }
}
