import { Command } from 'commander';
import { UsersService } from '../../users/index.js';
import { announceChange } from '../context/announce-change.js';
import { withApplication } from '../context/with-application.js';
import { onOneLine, print, printObject } from '../terminal/output.js';
import { readNewPassword } from '../terminal/password-input.js';

interface AddOptions {
  readonly role?: readonly string[];
  readonly fhirUser?: string;
}

/** `firekeep user add|show|passwd|disable`. Passwords come from the terminal or standard input. */
export function userCommand(): Command {
  const user = new Command('user').description('accounts: add, show, passwd, disable');
  user
    .command('add <username>')
    .description('create an account; asks for the password')
    .option('--role <role...>', 'admin, practitioner, patient or service')
    .option('--fhir-user <reference>', 'for example Practitioner/alice')
    .action(async (username: string, options: AddOptions, command: Command) => {
      const password = await readNewPassword(username);
      const created = await withApplication(async (app) => {
        const user = await app.get(UsersService, { strict: false }).create({
          username,
          password,
          roles: options.role ?? [],
          fhirUser: options.fhirUser ?? null,
        });
        announceChange(app, 'POST', `users/${username}`);
        return user;
      });
      const { roles, fhirUser, enabled } = created;
      printObject(command, { username: created.username, roles, fhirUser, enabled });
    });
  user
    .command('show <username>')
    .description('roles, state, and the source that the account comes from')
    .action(async (username: string, _options: unknown, command: Command) => {
      const found = await withApplication((app) => app.get(UsersService, { strict: false }).get(username));
      const { roles, fhirUser, enabled, source, sourceActive, sourceCheckedAt } = found;
      printObject(command, {
        ...{ username: found.username, roles, fhirUser, enabled, source },
        ...(source === null ? {} : { sourceActive, sourceCheckedAt: new Date(sourceCheckedAt ?? 0) }),
      });
    });
  user
    .command('passwd <username>')
    .description('set a new password; ends every use of the old one')
    .action(async (username: string) => {
      const password = await readNewPassword(username);
      await withApplication(async (app) => {
        await app.get(UsersService, { strict: false }).setPassword(username, password);
        announceChange(app, 'PUT', `users/${username}/password`);
      });
      print(`The password of ${onOneLine(username)} is changed.\n`);
    });
  user
    .command('disable <username>')
    .description('refuse the account from now on')
    .action(async (username: string) => {
      await withApplication(async (app) => {
        await app.get(UsersService, { strict: false }).disable(username);
        announceChange(app, 'PATCH', `users/${username}`);
      });
      print(`${onOneLine(username)} is disabled.\n`);
    });
  return user;
}
