import {
  isRetryable,
  type Database,
  type SqlSession,
  type SqlValue,
} from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import { codeKey, keyText, tables, uriKey, type InternedNames } from './keys.js';
import { NumberCache } from './number-cache.js';

/** Names that rows need numbers for and that no process has given one yet. */
export class MissingNames {
  readonly repositories = new Set<string>();
  readonly types = new Set<string>();
  /** Repository and type by number, with the parameter's key. */
  readonly parameters = new Map<string, readonly [repository: number, type: number, code: string]>();
  readonly systems = new Set<string>();

  get isEmpty(): boolean {
    const { repositories, types, parameters, systems } = this;
    return repositories.size + types.size + parameters.size + systems.size === 0;
  }
}

/** Rows that one statement reads or writes. */
const CHUNK = 200;
const ATTEMPTS = 5;
/** Systems come from the resources, so their number has no bound; those in use stay in the cache. */
const CACHED_SYSTEMS = 20_000;

/**
 * Numbers in place of names: repositories, resource types, search parameters, systems. A number, once given,
 * never changes, so caches need no invalidation, and several processes agree through the unique keys. Names get
 * their numbers in transactions of their own, since a number that is rolled back must not be in a cache.
 */
export class SqlInternedNames implements InternedNames {
  private readonly repositories = new NumberCache(10_000);
  private readonly types = new NumberCache(10_000);
  private readonly parameters = new NumberCache(200_000);
  private readonly systems = new NumberCache(CACHED_SYSTEMS);
  private readonly namesOfTypes = new Map<number, string>();

  constructor(private readonly database: Database) {}

  async repositoryId(session: SqlSession, name: string): Promise<number | undefined> {
    return (
      this.repositories.get(name) ??
      this.find(session, this.repositories, name, `${selectRepositories} WHERE name = ?`, [name])
    );
  }

  async typeId(session: SqlSession, name: string): Promise<number | undefined> {
    return (
      this.types.get(name) ?? this.find(session, this.types, name, `${selectTypes} WHERE name = ?`, [name])
    );
  }

  async typeName(session: SqlSession, id: number): Promise<string> {
    const known = this.namesOfTypes.get(id);
    if (known !== undefined) return known;
    const [row] = await session.query(`${selectTypes} WHERE id = ?`, [id]);
    if (row === undefined) {
      throw new FirekeepError('internal', 'FHIR_STORE_CORRUPT', `No resource type has the number ${id}.`);
    }
    const name = keyText(row.name);
    this.namesOfTypes.set(id, name);
    return name;
  }

  async parameterId(
    session: SqlSession,
    repository: string,
    type: string,
    code: string,
  ): Promise<number | undefined> {
    const repositoryId = await this.repositoryId(session, repository);
    const typeId = await this.typeId(session, type);
    if (repositoryId === undefined || typeId === undefined) return undefined;
    const name = parameterName(repositoryId, typeId, code);
    const where = 'WHERE repository = ? AND type = ? AND code = ?';
    return (
      this.parameters.get(name) ??
      this.find(session, this.parameters, name, `${selectParameters} ${where}`, [
        repositoryId,
        typeId,
        codeKey(code),
      ])
    );
  }

  async typeIds(session: SqlSession, names: readonly string[]): Promise<readonly (number | undefined)[]> {
    return this.numbersOf(
      session,
      typeTable,
      names.map((name) => [name]),
      this.types,
    );
  }

  async parameterIds(
    session: SqlSession,
    repository: number,
    parameters: readonly { readonly type: number; readonly code: string }[],
  ): Promise<readonly (number | undefined)[]> {
    const rows = parameters.map(({ type, code }) => [repository, type, codeKey(code)]);
    return this.numbersOf(session, parameterTable, rows, this.parameters);
  }

  async systemId(session: SqlSession, uri: string): Promise<number | undefined> {
    const key = uriKey(uri);
    return (
      this.systems.get(key) ?? this.find(session, this.systems, key, `${selectSystems} WHERE uri = ?`, [key])
    );
  }

  /** Number of a repository where this process knows it. */
  knownRepository(name: string): number | undefined {
    return this.repositories.get(name);
  }

  knownType(name: string): number | undefined {
    return this.types.get(name);
  }

  knownParameter(repository: number, type: number, code: string): number | undefined {
    return this.parameters.get(parameterName(repository, type, code));
  }

  knownSystem(uri: string): number | undefined {
    return this.systems.get(uriKey(uri));
  }

  /**
   * Makes names known to this process, giving numbers to those that have none. Outside any transaction.
   *
   * @returns the numbers of the systems, by `uriKey`: there may be more than the cache keeps
   */
  async intern(missing: MissingNames): Promise<ReadonlyMap<string, number>> {
    const named = (names: ReadonlySet<string>): SqlValue[][] => [...names].sort().map((name) => [name]);
    await this.internAll(repositoryTable, named(missing.repositories), this.repositories);
    await this.internAll(typeTable, named(missing.types), this.types);
    const parameters = [...missing.parameters.values()].map(([repository, type, code]) => [
      repository,
      type,
      codeKey(code),
    ]);
    await this.internAll(parameterTable, parameters, this.parameters);
    const systems = new Map<string, number>();
    await this.internAll(systemTable, named(new Set([...missing.systems].map(uriKey))), {
      set: (name, id) => {
        systems.set(name, id);
        this.systems.set(name, id);
      },
    });
    return systems;
  }

  /** Numbers in the order of the rows; what the cache doesn't have is read by one statement. */
  private async numbersOf(
    session: SqlSession,
    table: NameTable,
    rows: readonly SqlValue[][],
    cache: NumberCache,
  ): Promise<readonly (number | undefined)[]> {
    const unknown = rows.filter((row) => cache.get(table.nameOf(row)) === undefined);
    for (let start = 0; start < unknown.length; start += CHUNK) {
      await this.load(session, table, unknown.slice(start, start + CHUNK), cache);
    }
    return rows.map((row) => cache.get(table.nameOf(row)));
  }

  private async internAll(table: NameTable, rows: SqlValue[][], cache: NumberSink): Promise<void> {
    for (let start = 0; start < rows.length; start += CHUNK) {
      const chunk = rows.slice(start, start + CHUNK);
      // Those that another process has named already are found without a write.
      const unnamed = (await this.load(this.database, table, chunk, cache)).map(
        (index) => chunk[index] ?? [],
      );
      if (unnamed.length === 0) continue;
      await this.insert(table, unnamed);
      await this.load(this.database, table, unnamed, cache);
    }
  }

  /** Puts what has a number into the cache. @returns the places of the rows that have none. */
  private async load(
    session: Pick<SqlSession, 'query'>,
    table: NameTable,
    rows: readonly SqlValue[][],
    cache: NumberSink,
  ): Promise<number[]> {
    const test = `(${table.columns.map((column) => `${column} = ?`).join(' AND ')})`;
    const found = await session.query(
      `${table.select} WHERE ${rows.map(() => test).join(' OR ')}`,
      rows.flat(),
    );
    const names = new Set<string>();
    for (const row of found) {
      const name = table.cacheKey(row);
      names.add(name);
      cache.set(name, Number(row.id));
    }
    return rows.flatMap((row, index) => (names.has(table.nameOf(row)) ? [] : [index]));
  }

  private async insert(table: NameTable, rows: readonly SqlValue[][]): Promise<void> {
    const placeholders = `(${table.columns.map(() => '?').join(', ')})`;
    const insert = `INSERT INTO ${table.name} (${table.columns.join(', ')}) VALUES ${rows.map(() => placeholders).join(', ')}`;
    const [first = ''] = table.columns;
    const onDuplicate =
      this.database.dialect === 'sqlite'
        ? 'ON CONFLICT DO NOTHING'
        : `ON DUPLICATE KEY UPDATE ${first} = ${table.name}.${first}`;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.database.transaction((session) =>
          session.execute(`${insert} ${onDuplicate}`, rows.flat()),
        );
        return;
      } catch (error) {
        if (attempt >= ATTEMPTS || !isRetryable(error)) throw error;
      }
    }
  }

  private async find(
    session: SqlSession,
    cache: NumberCache,
    name: string,
    sql: string,
    values: readonly SqlValue[],
  ): Promise<number | undefined> {
    const [row] = await session.query(sql, values);
    if (row === undefined) return undefined;
    const id = Number(row.id);
    cache.set(name, id);
    return id;
  }
}

type NumberSink = Pick<NumberCache, 'set'>;

interface NameTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly select: string;
  /** Key in the cache, of a row read and of one to be written. */
  cacheKey(row: Record<string, unknown>): string;
  nameOf(values: readonly SqlValue[]): string;
}

const selectRepositories = `SELECT id, name FROM ${tables.repository}`;
const selectTypes = `SELECT id, name FROM ${tables.type}`;
const selectParameters = `SELECT id, repository, type, code FROM ${tables.parameter}`;
const selectSystems = `SELECT id, uri FROM ${tables.system}`;

const firstText = ([name]: readonly SqlValue[]): string => keyText(name);

const repositoryTable: NameTable = {
  name: tables.repository,
  columns: ['name'],
  select: selectRepositories,
  cacheKey: (row) => keyText(row.name),
  nameOf: firstText,
};
const typeTable: NameTable = { ...repositoryTable, name: tables.type, select: selectTypes };
const systemTable: NameTable = {
  name: tables.system,
  columns: ['uri'],
  select: selectSystems,
  cacheKey: (row) => keyText(row.uri),
  nameOf: firstText,
};
const parameterTable: NameTable = {
  name: tables.parameter,
  columns: ['repository', 'type', 'code'],
  select: selectParameters,
  cacheKey: ({ repository, type, code }) => parameterName(Number(repository), Number(type), keyText(code)),
  nameOf: ([repository, type, code]) => parameterName(Number(repository), Number(type), keyText(code)),
};

function parameterName(repository: number, type: number, code: string): string {
  return `${repository}/${type}/${codeKey(code)}`;
}
