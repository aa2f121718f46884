import { Command } from 'commander';
import { ClientsService, type Client } from '../../clients/index.js';
import { RegistrationAccessService } from '../../oauth2/index.js';
import { announceChange } from '../context/announce-change.js';
import { withApplication } from '../context/with-application.js';
import { printObject, printRows } from '../terminal/output.js';

interface AddOptions {
  readonly name?: string;
  readonly public?: boolean;
  readonly redirectUri?: readonly string[];
  readonly grantType?: readonly string[];
  readonly scope?: string;
  readonly resource?: readonly string[];
}

const pageSize = 1000;

/** `firekeep client add|list|rotate-secret|end-registration`. A secret is printed once, when it is made. */
export function clientCommand(): Command {
  const client = new Command('client').description(
    'OAuth2 clients: add, list, rotate-secret, end-registration',
  );
  client
    .command('add [clientId]')
    .description('describe a client; its id and secret are generated where they are not given')
    .option('--name <name>', 'name that people see')
    .option('--public', 'a client without a secret')
    .option('--redirect-uri <uri...>', 'where codes may be sent')
    .option('--grant-type <type...>', 'authorization_code, refresh_token, client_credentials')
    .option('--scope <scope>', 'what it may ask for, space-separated')
    .option('--resource <url...>', 'base URLs of a resource server')
    .action(addClient);
  client
    .command('list')
    .description('all clients')
    .action(async (_options: unknown, command: Command) => {
      const rows = await withApplication((app) => allClients(app.get(ClientsService, { strict: false })));
      printRows(
        command,
        rows.map((row) => ({ ...row })),
        ['clientId', 'clientName', 'clientType', 'grantTypes', 'scope', 'enabled'],
      );
    });
  client
    .command('rotate-secret <clientId>')
    .description('make a new secret; the old one ends at once')
    .action(async (clientId: string, _options: unknown, command: Command) => {
      const clientSecret = await withApplication(async (app) => {
        const secret = await app.get(ClientsService, { strict: false }).rotateSecret(clientId);
        announceChange(app, 'POST', `clients/${clientId}/rotate-secret`);
        return secret;
      });
      printObject(command, { clientId, clientSecret });
    });
  client
    .command('end-registration <clientId>')
    .description('end the registration access token: the client can no longer change itself')
    .action(async (clientId: string, _options: unknown, command: Command) => {
      await withApplication(async (app) => {
        await app.get(RegistrationAccessService, { strict: false }).end(clientId);
        announceChange(app, 'DELETE', `clients/${clientId}/registration-access-token`);
      });
      printObject(command, { clientId, registrationAccessToken: 'ended' });
    });
  return client;
}

async function addClient(clientId: string | undefined, options: AddOptions, command: Command): Promise<void> {
  const { client, secret } = await withApplication(async (app) => {
    const created = await app.get(ClientsService, { strict: false }).create({
      ...(clientId === undefined ? {} : { clientId }),
      ...(options.name === undefined ? {} : { clientName: options.name }),
      ...(options.public === true ? { tokenEndpointAuthMethod: 'none' as const } : {}),
      ...(options.redirectUri === undefined ? {} : { redirectUris: options.redirectUri }),
      ...(options.grantType === undefined ? {} : { grantTypes: options.grantType as Client['grantTypes'] }),
      ...(options.scope === undefined ? {} : { scope: options.scope }),
      ...(options.resource === undefined ? {} : { resource: options.resource }),
    });
    announceChange(app, 'POST', `clients/${created.client.clientId}`);
    return created;
  });
  printObject(command, {
    clientId: client.clientId,
    ...(secret === undefined ? {} : { clientSecret: secret }),
    clientType: client.clientType,
    grantTypes: client.grantTypes,
    scope: client.scope,
  });
}

async function allClients(clients: ClientsService): Promise<Client[]> {
  const all: Client[] = [];
  for (let page = await clients.list(); ; page = await clients.list({ after: all.at(-1)?.clientId ?? '' })) {
    all.push(...page);
    if (page.length < pageSize) return all;
  }
}
