import { Command } from 'commander';
import { InitialAccessTokensService, registrable, type Registrable } from '../../oauth2/index.js';
import { announceChange } from '../context/announce-change.js';
import { withApplication } from '../context/with-application.js';
import { printObject, printRows } from '../terminal/output.js';

interface AddOptions {
  readonly registers: string;
  readonly baseUrl?: readonly string[];
  readonly description?: string;
  readonly scope?: string;
  readonly uses?: string;
  readonly ttl?: string;
}

/** `firekeep initial-access-token add|list|revoke`. A token is printed once, when it is made. */
export function initialAccessTokenCommand(): Command {
  const command = new Command('initial-access-token').description(
    'permissions to register clients: add, list, revoke',
  );
  command
    .command('add')
    .description('make a token that registers apps, or resource servers below some base URLs')
    .option('--registers <kind>', registrable.join(' or '), 'apps')
    .option('--base-url <url...>', 'below which resource servers may be registered')
    .option('--description <text>', 'what it is for')
    .option('--scope <scope>', 'the most that clients may register for, space-separated')
    .option('--uses <n>', 'registrations; default: any number')
    .option('--ttl <seconds>', 'how long it is good; default: a day')
    .action(addToken);
  command
    .command('list')
    .description('all tokens, without the tokens themselves')
    .action(async (_options: unknown, self: Command) => {
      const rows = await withApplication((app) =>
        app.get(InitialAccessTokensService, { strict: false }).list(),
      );
      printRows(
        self,
        rows.map((row) => ({ ...row })),
        ['id', 'description', 'registers', 'baseUrls', 'scope', 'usesLeft'],
      );
    });
  command
    .command('revoke <id>')
    .description('end a token; what was registered with it stays')
    .action(async (id: string, _options: unknown, self: Command) => {
      await withApplication(async (app) => {
        await app.get(InitialAccessTokensService, { strict: false }).revoke(id);
        announceChange(app, 'DELETE', `initial-access-tokens/${id}`);
      });
      printObject(self, { id, initialAccessToken: 'revoked' });
    });
  return command;
}

async function addToken(options: AddOptions, command: Command): Promise<void> {
  const made = await withApplication(async (app) => {
    const { registers, baseUrl, description, scope, uses, ttl } = options;
    const token = await app.get(InitialAccessTokensService, { strict: false }).create({
      // What is none of them the service refuses.
      registers: registers as Registrable,
      ...(baseUrl === undefined ? {} : { baseUrls: baseUrl }),
      ...(description === undefined ? {} : { description }),
      ...(scope === undefined ? {} : { scope }),
      ...(uses === undefined ? {} : { uses: Number(uses) }),
      ...(ttl === undefined ? {} : { ttl: Number(ttl) }),
    });
    announceChange(app, 'POST', `initial-access-tokens/${token.id}`);
    return token;
  });
  printObject(command, {
    ...{ id: made.id, token: made.token, registers: made.registers, baseUrls: made.baseUrls },
    expiresAt: new Date(made.expiresAt).toISOString(),
  });
}
