import type { SqlRow, SqlSession } from '../../../platform/database/index.js';
import { keyText, tables } from './keys.js';
import { versionColumns } from './resource-rows.js';

/** Rows of one statement: bodies have up to some MiB, and all wait for the last of them. */
const ROWS = 16;

const where = `FROM ${tables.resource} WHERE repository = ? AND type = ? AND id`;
const oneSql = `SELECT ${versionColumns} ${where} = ?`;

type Row = SqlRow | undefined;

/** Reads of one repository and type that the next statement answers, by id. */
interface Waiting {
  readonly repository: number;
  readonly type: number;
  readonly ids: Map<string, WaitingRow>;
}

interface WaitingRow {
  readonly answer: Promise<Row>;
  resolve(row: Row): void;
  reject(error: unknown): void;
}

/**
 * Current versions by their key. What is asked for in one turn of the event loop is read together: on MySQL the way to
 * the server and back costs more than the row does, and on SQLite requests that go from step to step together take
 * three fifths of what they take one after the other. A statement answers only what was asked for before it went, so
 * whoever reads sees all that was committed by then.
 */
export class CurrentRows {
  private readonly waiting = new Map<string, Waiting>();

  constructor(private readonly session: SqlSession) {}

  /** @returns a row with `versionColumns` */
  read(repository: number, type: number, id: string): Promise<Row> {
    if (this.waiting.size === 0) setImmediate(() => this.send());
    const key = `${repository} ${type}`;
    let group = this.waiting.get(key);
    if (group === undefined) {
      group = { repository, type, ids: new Map() };
      this.waiting.set(key, group);
    }
    let row = group.ids.get(id);
    if (row === undefined) {
      row = waitingRow();
      group.ids.set(id, row);
    }
    return row.answer;
  }

  private send(): void {
    const groups = [...this.waiting.values()];
    this.waiting.clear();
    for (const { repository, type, ids } of groups) {
      const entries = [...ids];
      for (let start = 0; start < entries.length; start += ROWS) {
        void this.answer(repository, type, entries.slice(start, start + ROWS));
      }
    }
  }

  private async answer(
    repository: number,
    type: number,
    asked: readonly (readonly [id: string, row: WaitingRow])[],
  ): Promise<void> {
    try {
      const found = await this.rows(
        repository,
        type,
        asked.map(([id]) => id),
      );
      for (const [id, row] of asked) row.resolve(found.get(id));
    } catch (error) {
      for (const [, row] of asked) row.reject(error);
    }
  }

  private async rows(repository: number, type: number, ids: readonly string[]): Promise<Map<string, Row>> {
    const [first, ...others] = ids;
    if (first !== undefined && others.length === 0) {
      return new Map([[first, await this.one(repository, type, first)]]);
    }
    const sql = `SELECT id, ${versionColumns} ${where} IN (${'?, '.repeat(ids.length - 1)}?)`;
    const rows = await this.session.query(sql, [repository, type, ...ids]);
    return new Map(rows.map((row) => [keyText(row.id), row]));
  }

  private async one(repository: number, type: number, id: string): Promise<Row> {
    const [row] = await this.session.query(oneSql, [repository, type, id]);
    return row;
  }
}

function waitingRow(): WaitingRow {
  let resolve: WaitingRow['resolve'] = () => undefined;
  let reject: WaitingRow['reject'] = () => undefined;
  const answer = new Promise<Row>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { answer, resolve, reject };
}
