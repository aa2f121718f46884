import { Command } from 'commander';
import { print } from '../terminal/output.js';
import { withApplication } from '../context/with-application.js';

/** `firekeep migrate`: brings the database to this version's schema and ends. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database to the schema of this version')
    .action(async () => {
      await withApplication(() => Promise.resolve());
      print('The database is up to date.\n');
    });
}
