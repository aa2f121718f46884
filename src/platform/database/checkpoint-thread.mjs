// The thread of `Checkpoints`: carries the log of a SQLite file over into it, on a connection of its own, whenever it is
// told to. In JavaScript, so that the tests, which run the sources, can start it too.
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

const database = new Sqlite(workerData.file, { fileMustExist: true, timeout: 10_000 });
database.pragma('synchronous = FULL');
database.pragma('wal_autocheckpoint = 0');

parentPort.on('message', (request) => {
  if (request === 'end') {
    database.close();
    parentPort.close();
    return;
  }
  try {
    // Waits for nobody and keeps nobody waiting; what is left over comes with the next one.
    database.pragma('wal_checkpoint(PASSIVE)');
  } catch {
    // The disk is full or fails: the writer meets it too, and says so.
  }
  parentPort.postMessage('done');
});
