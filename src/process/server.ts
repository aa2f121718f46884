import cluster, { type Worker } from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication, type Extensions } from '../application/index.js';
import { loadSettings, type Settings } from '../platform/config/index.js';
import { FirekeepError } from '../platform/errors/index.js';
import { Readiness } from '../platform/health/index.js';
import { Logger } from '../platform/logging/index.js';
import { prepare, type Preparation } from './prepare.js';
import { announce } from './announcement.js';

/**
 * Starts the server with the settings of the environment; prints one line and ends with 1 where that fails.
 *
 * @param extensions modules of extensions
 */
export async function runServer(extensions: Extensions = []): Promise<void> {
  let settings: Settings;
  try {
    settings = loadSettings();
  } catch (error) {
    exitWith(error);
  }
  const workers = settings.isSqlite ? 1 : (settings.get('workers') ?? availableParallelism());
  try {
    if (workers === 1) await runSingle(settings, extensions);
    else if (cluster.isPrimary) await runPrimary(settings, workers, extensions);
    else await runWorker(settings, extensions);
  } catch (error) {
    exitWith(error);
  }
}

async function runSingle(settings: Settings, extensions: Extensions): Promise<void> {
  const logger = Logger.of(settings);
  const app = await createApplication(settings, logger, extensions);
  const preparation = await prepare(app);
  await listen(app, settings);
  announce(settings, preparation);
  stopOnSignal(app, settings, logger);
}

/** Migrates and prepares once, then keeps `workers` processes alive that share the port. */
async function runPrimary(settings: Settings, workers: number, extensions: Extensions): Promise<void> {
  const logger = Logger.of(settings);
  const app = await createApplication(settings, logger, extensions);
  const preparation: Preparation = await prepare(app);
  await app.close();
  let stopping = false;
  let listening = 0;
  cluster.on('listening', () => {
    listening += 1;
    if (listening === workers) announce(settings, preparation);
  });
  cluster.on('exit', (worker: Worker, code: number) => {
    if (stopping) return;
    logger.error('a worker process ended and is replaced', { pid: worker.process.pid, code });
    setTimeout(() => {
      if (!stopping) cluster.fork();
    }, 1_000);
  });
  for (let count = 0; count < workers; count += 1) cluster.fork();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopping = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill(signal);
    });
  }
}

async function runWorker(settings: Settings, extensions: Extensions): Promise<void> {
  const logger = Logger.of(settings);
  const app = await createApplication(settings, logger, extensions);
  await listen(app, settings);
  stopOnSignal(app, settings, logger);
}

async function listen(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const port = settings.get('port');
  const host = settings.get('host');
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'EADDRINUSE') {
      throw new FirekeepError(
        'unavailable',
        'SERVER_PORT_IN_USE',
        `Port ${port} is in use. Stop the other program, or choose another port, as with FIREKEEP_PORT=${port + 1}.`,
      );
    }
    throw new FirekeepError(
      'unavailable',
      'SERVER_CANNOT_LISTEN',
      `Can't listen on ${host}:${port}: ${message}`,
    );
  }
  const address = app.getHttpServer().address();
  if (typeof address === 'object' && address !== null) settings.setListeningPort(address.port);
}

/** Stops taking requests, answers those that were accepted, and ends; a second signal or the time limit ends at once. */
function stopOnSignal(app: NestFastifyApplication, settings: Settings, logger: Logger): void {
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info('stopping', { signal });
    app.get(Readiness).stop();
    // A connection whose last request was under way when the server closed would be kept alive behind its answer.
    setInterval(() => app.getHttpServer().closeIdleConnections(), 50).unref();
    setTimeout(
      () => {
        logger.error('stopped before every request was answered', {
          seconds: settings.get('shutdownTimeout'),
        });
        void logger.flush().then(() => process.exit(1));
      },
      settings.get('shutdownTimeout') * 1_000,
    ).unref();
    try {
      await app.close();
      logger.info('stopped');
    } finally {
      await logger.flush();
      process.exit(0);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));
}

function exitWith(error: unknown): never {
  const message =
    error instanceof FirekeepError ? error.message : otherFailure(error as NodeJS.ErrnoException);
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** A folder that can't be written is the common one, for example a volume that belongs to another user. */
function otherFailure({ code, path, message, stack }: NodeJS.ErrnoException): string {
  if (code === undefined || path === undefined) return stack ?? message;
  return `${message}. FIREKEEP_DATA_DIRECTORY and a SQLite database need a folder that this user may write to.`;
}
