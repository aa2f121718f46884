import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config/index.js';
import { FirekeepError } from '../errors/index.js';

const fileName = 'secret-key';

/**
 * The 32 bytes of FIREKEEP_SECRET_KEY; on SQLite generated once into `<data directory>/secret-key` (0600).
 *
 * @throws FirekeepError `CONFIG_SECRET_KEY_REQUIRED` on MySQL without the setting.
 */
export function secretKeyOf(settings: Settings): Buffer {
  const given = settings.get('secretKey');
  if (given !== undefined) return Buffer.from(given, 'base64');
  if (!settings.isSqlite) {
    throw new FirekeepError(
      'invalid',
      'CONFIG_SECRET_KEY_REQUIRED',
      'FIREKEEP_SECRET_KEY is required with MySQL, the same in every process. Make one with: openssl rand -base64 32',
    );
  }
  const directory = settings.get('dataDirectory');
  const path = join(directory, fileName);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (key.length !== 32) {
    throw new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', `${path} must hold 32 bytes in base64.`);
  }
  return key;
}
