import { Command } from 'commander';
import { withApplication } from '../context/with-application.js';

/** `firekeep migrate`: brings the database to this version's schema and ends. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database to the schema of this version')
    .action(async () => {
      await withApplication(() => Promise.resolve());
      process.stdout.write('The database is up to date.\n');
    });
}
