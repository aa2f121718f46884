import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Commits after which the thread is started: programs that write little need none. */
const commitsBefore = 256;
/** Milliseconds between two checkpoints. */
const pause = 200;

/**
 * Carries the write-ahead log of SQLite over into the database file on a thread, while commits come. SQLite itself does
 * it inside the commit that makes the log long, and the event loop stands still for as long as the disk takes; of that
 * only what the thread has not reached yet is left.
 *
 * https://www.sqlite.org/wal.html#performance_considerations
 */
export class Checkpoints {
  private worker: Worker | undefined;
  private commits = 0;
  private isBusy = false;
  private next = 0;
  private isClosed = false;

  constructor(private readonly file: string) {}

  /** Called behind each commit. */
  committed(): void {
    if (this.isBusy || this.isClosed) return;
    if (this.worker === undefined && ++this.commits < commitsBefore) return;
    const now = performance.now();
    if (now < this.next) return;
    this.next = now + pause;
    this.isBusy = true;
    this.thread().postMessage('checkpoint');
  }

  /** Waits for a checkpoint that is under way. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { worker } = this;
    if (worker === undefined) return;
    const ended = once(worker, 'exit');
    worker.ref();
    worker.postMessage('end');
    await ended;
  }

  private thread(): Worker {
    if (this.worker !== undefined) return this.worker;
    const worker = new Worker(new URL('./checkpoint-thread.mjs', import.meta.url), {
      workerData: { file: this.file },
    });
    worker.on('message', () => (this.isBusy = false));
    // Without it commits carry the log over by themselves.
    worker.on('error', () => (this.worker = undefined));
    worker.unref();
    return (this.worker = worker);
  }
}
