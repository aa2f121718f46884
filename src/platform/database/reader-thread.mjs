// The thread of `ReaderThreads`: runs one SELECT at a time on a SQLite connection of its own. In JavaScript, so that
// the tests, which run the sources, can start it too.
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

const { file, cancelled } = workerData;
const LONGEST_MEMORY = 200;
const database = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 10_000 });
database.pragma('cache_size = -8192');
database.pragma('temp_store = MEMORY');

let until = Infinity;
class DeadlinePassed extends Error {}

database.function('firekeep_deadline', { deterministic: false }, (_row) => {
  if (Date.now() > until || Atomics.load(cancelled, 0) !== 0) throw new DeadlinePassed('deadline');
  return 1;
});

const statements = new Map();

function prepare(sql) {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  if (statements.size >= LONGEST_MEMORY) statements.clear();
  const statement = database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

/** Bodies change hands instead of being copied. */
function buffersOf(rows) {
  const buffers = new Set();
  for (const row of rows) {
    for (const value of Object.values(row)) {
      if (Buffer.isBuffer(value) && value.byteLength === value.buffer.byteLength) buffers.add(value.buffer);
    }
  }
  return [...buffers];
}

parentPort.on('message', ({ id, sql, values, timeout }) => {
  until = Date.now() + timeout;
  try {
    const rows = prepare(sql).all(...values);
    parentPort.postMessage({ id, rows }, buffersOf(rows));
  } catch (error) {
    const isDeadline = error instanceof DeadlinePassed;
    parentPort.postMessage({ id, error: { message: error.message, code: error.code, isDeadline } });
  } finally {
    until = Infinity;
  }
});
