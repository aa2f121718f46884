import { randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { createApplication } from '../../../src/application/index.js';
import { loadSettings } from '../../../src/platform/config/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { listen } from '../../kit/http.js';
import { publicUrl } from '../oauth2/application.js';

export interface ExtendedApplication {
  readonly app: NestFastifyApplication;
  /** Lines of the log, from warnings on. */
  readonly log: string[];
}

/** The whole application with modules of extensions, on a port of its own. */
export async function startExtended(
  databaseUrl: string,
  modules: readonly Type[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ExtendedApplication> {
  const log: string[] = [];
  const logger = new Logger(pino({ level: 'warn' }, { write: (line: string) => void log.push(line) }));
  const settings = loadSettings({
    FIREKEEP_DATABASE_URL: databaseUrl,
    FIREKEEP_SECRET_KEY: randomBytes(32).toString('base64'),
    FIREKEEP_PUBLIC_URL: publicUrl,
    FIREKEEP_HOOK_TIMEOUT: '1',
    ...environment,
  });
  return { app: await listen(await createApplication(settings, logger, [...modules])), log };
}
