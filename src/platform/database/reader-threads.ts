import { Worker } from 'node:worker_threads';
import { unavailable } from './database-error.js';
import { bindable } from './sessions.js';
import type { SqlRow, SqlValue } from './sql-session.js';
import { DeadlinePassed } from './statement-deadline.js';

interface Answer {
  readonly id: number;
  readonly rows?: SqlRow[];
  readonly error?: { readonly message: string; readonly code?: string; readonly isDeadline: boolean };
}

interface Task {
  readonly id: number;
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly timeout: number;
  resolve(rows: SqlRow[]): void;
  reject(error: unknown): void;
}

/** A thread, and what it works at. */
interface Reader {
  readonly worker: Worker;
  task: Task | undefined;
}

/**
 * Reads a SQLite file on threads, since the driver holds the thread that it runs on. Threads are started when they
 * are needed and stay. What is committed before `query` is called is seen.
 */
export class ReaderThreads {
  private readonly readers = new Set<Reader>();
  private readonly waiting: Task[] = [];
  /** Not 0: whatever runs is to stop. */
  private readonly cancelled = new Int32Array(new SharedArrayBuffer(4));
  private nextId = 1;
  private closed = false;

  /** @param limit threads at the most */
  constructor(
    private readonly file: string,
    private readonly limit: number,
  ) {}

  /**
   * Rows of a SELECT that holds a `deadlineCondition`.
   *
   * @param timeout milliseconds after which it is stopped, counted from its start
   * @throws what `isStatementTimeout` knows; FirekeepError `DATABASE_UNAVAILABLE` when closed or a thread ended
   */
  query<T extends SqlRow>(sql: string, values: readonly SqlValue[], timeout: number): Promise<T[]> {
    if (this.closed) return Promise.reject(unavailable(new Error('The database is closed.')));
    return new Promise((resolve, reject) => {
      this.waiting.push({
        id: this.nextId++,
        sql,
        values: bindable(values),
        timeout,
        resolve: (rows) => resolve(rows as T[]),
        reject,
      });
      this.assign();
    });
  }

  /** Stops what runs and ends the threads. */
  async close(): Promise<void> {
    this.closed = true;
    Atomics.store(this.cancelled, 0, 1);
    for (const task of this.waiting.splice(0)) task.reject(unavailable(new Error('The database is closed.')));
    await Promise.all([...this.readers].map(({ worker }) => worker.terminate()));
  }

  private assign(): void {
    for (let task = this.waiting[0]; task !== undefined; task = this.waiting[0]) {
      const reader = [...this.readers].find((candidate) => candidate.task === undefined) ?? this.start();
      if (reader === undefined) return;
      this.waiting.shift();
      reader.task = task;
      const { id, sql, values, timeout } = task;
      reader.worker.ref();
      reader.worker.postMessage({ id, sql, values, timeout });
    }
  }

  private start(): Reader | undefined {
    if (this.readers.size >= this.limit) return undefined;
    const worker = new Worker(new URL('./reader-thread.mjs', import.meta.url), {
      workerData: { file: this.file, cancelled: this.cancelled },
    });
    const reader: Reader = { worker, task: undefined };
    this.readers.add(reader);
    worker.on('message', (answer: Answer) => this.answered(reader, answer));
    worker.on('error', (error) => this.ended(reader, error));
    worker.on('exit', () => this.ended(reader, new Error('The reading thread has ended.')));
    return reader;
  }

  private answered(reader: Reader, { rows, error }: Answer): void {
    const { task } = reader;
    reader.task = undefined;
    reader.worker.unref();
    if (rows !== undefined) task?.resolve(rows.map(withBuffers));
    else if (error?.isDeadline !== true)
      task?.reject(Object.assign(new Error(error?.message), { code: error?.code }));
    else task?.reject(this.closed ? unavailable(new Error('The database is closed.')) : new DeadlinePassed());
    this.assign();
  }

  private ended(reader: Reader, cause: Error): void {
    if (!this.readers.delete(reader)) return;
    reader.task?.reject(unavailable(cause));
    if (!this.closed) this.assign();
  }
}

/** A Buffer arrives from another thread as the Uint8Array that it is. */
function withBuffers(row: SqlRow): SqlRow {
  for (const [column, value] of Object.entries(row)) {
    if (!ArrayBuffer.isView(value)) continue;
    row[column] = Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  }
  return row;
}
