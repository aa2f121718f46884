import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { AdministrationEvents, BootstrapService } from '../administration/index.js';
import { Settings } from '../platform/config/index.js';
import { FirstAdministrator } from '../users/index.js';

/** What the first start has to tell the operator. */
export interface Preparation {
  readonly administrator?: {
    readonly username: string;
    /** Shown once, on the terminal. */
    readonly password?: string;
    /** Where the password was put, 0600, where there is no terminal. */
    readonly passwordFile?: string;
  };
}

/**
 * Makes what must be there before the first request: what the bootstrap file names, and an administrator where that
 * names none. Safe in several processes at once.
 */
export async function prepare(app: INestApplicationContext): Promise<Preparation> {
  await app.get(BootstrapService, { strict: false }).apply();
  const created = await app.get(FirstAdministrator, { strict: false }).ensureAdministrator();
  if (created === undefined) return {};
  const { username, generatedPassword } = created;
  app
    .get(AdministrationEvents, { strict: false })
    .changedBy('the first start of this server', 'POST', `users/${username}`);
  if (generatedPassword === undefined) return { administrator: { username } };
  if (process.stdout.isTTY) return { administrator: { username, password: generatedPassword } };
  const directory = app.get(Settings).get('dataDirectory');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const passwordFile = resolve(join(directory, 'administrator-password'));
  writeFileSync(passwordFile, `${generatedPassword}\n`, { mode: 0o600 });
  chmodSync(passwordFile, 0o600);
  return { administrator: { username, passwordFile } };
}
