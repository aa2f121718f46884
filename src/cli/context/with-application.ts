import type { INestApplicationContext } from '@nestjs/common';
import { createContext } from '../../application/index.js';
import { loadSettings, type Settings } from '../../platform/config/index.js';
import { Logger } from '../../platform/logging/index.js';

/**
 * Runs `work` with the application's services over the database of the settings, without HTTP. Log lines go
 * to standard error, and only warnings and worse, so that standard output is the command's own.
 */
export async function withApplication<T>(
  work: (app: INestApplicationContext, settings: Settings) => Promise<T>,
): Promise<T> {
  const settings = loadSettings().with({ logLevel: 'warn' });
  const app = await createContext(settings, Logger.of(settings, process.stderr));
  try {
    return await work(app, settings);
  } finally {
    await app.close();
  }
}
