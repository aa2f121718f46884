import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FirekeepError } from '../errors/index.js';

export const defaultDataDirectory = './data';
const fileName = 'firekeep.sqlite';

/** The database where no setting names one: in the data directory, beside the key that its secrets need. */
export function defaultDatabaseUrl(dataDirectory: string): string {
  return `sqlite:${dataDirectory.replace(/\/+$/, '')}/${fileName}`;
}

/**
 * Before the data directory decided where the database lies, it was in `./data` whatever that setting said. Whoever
 * comes from there would find an empty database.
 *
 * @throws FirekeepError `CONFIG_DATABASE_LEFT_BEHIND` where the data directory is another place that has no database,
 * and `./data` has one.
 */
export function refuseDatabaseLeftBehind(dataDirectory: string, workingDirectory = process.cwd()): void {
  const before = resolve(workingDirectory, defaultDataDirectory);
  const now = resolve(workingDirectory, dataDirectory);
  if (now === before || existsSync(join(now, fileName)) || !existsSync(join(before, fileName))) return;
  throw new FirekeepError(
    'invalid',
    'CONFIG_DATABASE_LEFT_BEHIND',
    `FIREKEEP_DATA_DIRECTORY is ${dataDirectory}, where there is no database, and there is one in ${defaultDataDirectory}. ` +
      `Move ${defaultDataDirectory}/${fileName}* there, or keep it where it is: FIREKEEP_DATABASE_URL=${defaultDatabaseUrl(defaultDataDirectory)}. ` +
      `To begin with an empty one: FIREKEEP_DATABASE_URL=${defaultDatabaseUrl(dataDirectory)}`,
  );
}
