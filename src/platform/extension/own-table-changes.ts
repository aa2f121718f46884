import type { QueryRunner } from 'typeorm';
import { dialectOf, type Dialect, type SqlRow, type SqlValue } from '../database/index.js';
import type { ExtensionDefinition } from './extension-definition.js';
import type { ColumnDeclaration, TableChanges, TableDeclaration } from './extension-migration.js';
import { invalidTable, requireOwnChange, requireOwnTable, requireSelect } from './own-tables.js';

const columnName = /^[a-z][a-z0-9_]{0,39}$/;
const indexName = /^[a-z][a-z0-9_]{0,15}$/;

/** Changes of tables as statements of either database; names are checked before they become a part of one. */
export class OwnTableChanges implements TableChanges {
  readonly dialect: Dialect;

  constructor(
    private readonly extension: Pick<ExtensionDefinition, 'name'>,
    private readonly runner: QueryRunner,
  ) {
    this.dialect = dialectOf(runner);
  }

  async createTable(table: string, { columns, primaryKey }: TableDeclaration): Promise<void> {
    requireOwnTable(this.extension, table);
    const entries = Object.entries(columns);
    const keys = entries.filter(([, { type }]) => type === 'key').length;
    if (keys > 1 || (keys === 1) === (primaryKey !== undefined && primaryKey.length > 0)) {
      throw this.invalid(`"${table}" needs either one column of the type key or a primaryKey`);
    }
    const parts = entries.map(([name, declaration]) => this.column(table, name, declaration));
    if (primaryKey !== undefined) parts.push(`PRIMARY KEY (${this.list(table, primaryKey, columns)})`);
    await this.runner.query(
      `CREATE TABLE IF NOT EXISTS \`${table}\` (${parts.join(', ')})` +
        (this.dialect === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : ''),
    );
  }

  async addColumn(table: string, column: string, declaration: ColumnDeclaration): Promise<void> {
    requireOwnTable(this.extension, table);
    if (declaration.type === 'key') throw this.invalid(`"${table}" gets its key when it is created`);
    if (declaration.optional !== true && declaration.default === undefined) {
      throw this.invalid(`"${column}" of "${table}" needs a default, or is optional: there may be rows`);
    }
    const definition = this.column(table, column, declaration);
    if (await this.has('column', table, column)) return;
    await this.runner.query(`ALTER TABLE \`${table}\` ADD COLUMN ${definition}`);
  }

  async createIndex(
    table: string,
    name: string,
    columns: readonly string[],
    { unique = false }: { readonly unique?: boolean } = {},
  ): Promise<void> {
    const full = this.indexOf(table, name);
    const list = this.list(table, columns);
    if (await this.has('index', table, full)) return;
    await this.runner.query(`CREATE ${unique ? 'UNIQUE ' : ''}INDEX \`${full}\` ON \`${table}\` (${list})`);
  }

  async dropIndex(table: string, name: string): Promise<void> {
    const full = this.indexOf(table, name);
    if (!(await this.has('index', table, full))) return;
    await this.runner.query(`DROP INDEX \`${full}\`${this.dialect === 'mysql' ? ` ON \`${table}\`` : ''}`);
  }

  async dropTable(table: string): Promise<void> {
    requireOwnTable(this.extension, table);
    await this.runner.query(`DROP TABLE IF EXISTS \`${table}\``);
  }

  async query<T extends SqlRow = SqlRow>(sql: string, values: readonly SqlValue[] = []): Promise<T[]> {
    requireSelect(this.extension, sql);
    return (await this.runner.query(sql, bound(values))) as T[];
  }

  async execute(sql: string, values: readonly SqlValue[] = []): Promise<void> {
    requireOwnChange(this.extension, sql);
    await this.runner.query(sql, bound(values));
  }

  private column(table: string, name: string, declaration: ColumnDeclaration): string {
    if (!columnName.test(name)) {
      throw this.invalid(`"${name}" of "${table}" needs at most 40 small letters, digits and _`);
    }
    const { optional, default: value } = declaration;
    if (declaration.type === 'key') return `\`${name}\` ${keyTypes[this.dialect]}`;
    return (
      `\`${name}\` ${this.typeOf(table, name, declaration)}${optional === true ? '' : ' NOT NULL'}` +
      (value === undefined ? '' : ` DEFAULT ${this.literal(name, value)}`)
    );
  }

  private typeOf(table: string, name: string, declaration: ColumnDeclaration): string {
    if (declaration.type === 'text' || declaration.type === 'bytes') {
      const { length, type } = declaration;
      if (!Number.isInteger(length) || length < 1 || length > 4_000) {
        throw this.invalid(`"${name}" of "${table}" needs a length from 1 to 4000`);
      }
      if (type === 'text') return `VARCHAR(${length})`;
      return this.dialect === 'mysql' ? `VARBINARY(${length})` : 'BLOB';
    }
    const known: Readonly<Record<string, string>> = types[this.dialect];
    const type = known[declaration.type];
    if (type === undefined) throw this.invalid(`"${name}" of "${table}" has no type that there is`);
    return type;
  }

  private literal(name: string, value: string | number): string {
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    if (typeof value === 'string' && /^[\w .,:+-]{0,100}$/.test(value)) return `'${value}'`;
    throw this.invalid(`the default of "${name}" is a number, or text of letters, digits and blanks`);
  }

  private list(table: string, names: readonly string[], columns?: TableDeclaration['columns']): string {
    const wrong = names.find((name) => !columnName.test(name) || (columns && columns[name] === undefined));
    if (wrong !== undefined || names.length === 0) {
      throw this.invalid(`"${wrong ?? ''}" is no column of "${table}"`);
    }
    return names.map((name) => `\`${name}\``).join(', ');
  }

  /** Names of indexes are of the whole database on SQLite. */
  private indexOf(table: string, name: string): string {
    requireOwnTable(this.extension, table);
    if (indexName.test(name)) return `${table}__${name}`;
    throw this.invalid(`"${name}" of "${table}" needs at most 16 small letters, digits and _`);
  }

  private async has(what: 'column' | 'index', table: string, name: string): Promise<boolean> {
    const rows = (await this.runner.query(lookUps[this.dialect][what], [table, name])) as unknown[];
    return rows.length > 0;
  }

  private invalid(problem: string): Error {
    return invalidTable(this.extension, problem);
  }
}

const keyTypes = {
  sqlite: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  mysql: 'BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY',
} as const;

const types = {
  sqlite: {
    'long-text': 'TEXT',
    integer: 'INTEGER',
    bigint: 'BIGINT',
    boolean: 'INTEGER',
    double: 'DOUBLE',
  },
  mysql: { 'long-text': 'LONGTEXT', integer: 'INT', bigint: 'BIGINT', boolean: 'TINYINT', double: 'DOUBLE' },
} as const;

const ofSchema = 'table_schema = DATABASE() AND table_name = ?';
const lookUps = {
  sqlite: {
    column: 'SELECT 1 FROM pragma_table_info(?) WHERE name = ?',
    index: "SELECT 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND name = ?",
  },
  mysql: {
    column: `SELECT 1 FROM information_schema.columns WHERE ${ofSchema} AND column_name = ? LIMIT 1`,
    index: `SELECT 1 FROM information_schema.statistics WHERE ${ofSchema} AND index_name = ? LIMIT 1`,
  },
} as const;

/** What both drivers take. */
function bound(values: readonly SqlValue[]): SqlValue[] {
  return values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
}
