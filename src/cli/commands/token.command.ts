import { Command } from 'commander';
import { ClientsService } from '../../clients/index.js';
import { Oauth2Events, TokenIssuer } from '../../oauth2/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { UsersService } from '../../users/index.js';
import { withApplication } from '../context/with-application.js';
import { print, printObject, wantsJson } from '../terminal/output.js';

interface TokenOptions {
  readonly scope?: string;
  readonly audience?: string;
  readonly patient?: string;
  readonly minutes: string;
}

/** `firekeep token NAME`: a short-lived access token of a user or client, to try things. */
export function tokenCommand(): Command {
  return new Command('token')
    .argument('[name]', 'username or client id', 'admin')
    .description('make a short-lived access token for a user or a client')
    .option('--scope <scope>', 'default: user/*.cruds for a user, what the client may have for a client')
    .option('--audience <url>', 'base URL of the endpoint; default: the default endpoint')
    .option('--patient <id>', 'patient in context, for patient/ scopes of a user')
    .option('--minutes <n>', 'lifetime, 1 to 60', '10')
    .action(async (name: string, options: TokenOptions, command: Command) => {
      const issued = await issueToken(name, options);
      if (wantsJson(command)) printObject(command, issued);
      else print(`${issued.access_token}\n`);
    });
}

/** The members of a token response (RFC 6749 section 5.1), and the audience. */
export function issueToken(name: string, options: TokenOptions) {
  return withApplication(async (app) => {
    const minutes = Number(options.minutes);
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > 60) {
      throw new FirekeepError(
        'invalid',
        'CLI_INVALID_MINUTES',
        '--minutes must be a whole number from 1 to 60.',
      );
    }
    const settings = app.get(Settings);
    if (!settings.servesAuthorization) {
      throw new FirekeepError(
        'conflict',
        'CLI_NO_ISSUER',
        'A resource server makes no tokens. Run this at its authorization server.',
      );
    }
    const user = await app.get(UsersService, { strict: false }).findByUsername(name);
    const client =
      user === undefined ? await app.get(ClientsService, { strict: false }).find(name) : undefined;
    if (user === undefined && client === undefined) {
      throw new FirekeepError('not-found', 'CLI_UNKNOWN_SUBJECT', `There is no user and no client ${name}.`);
    }
    const issued = await app.get(TokenIssuer, { strict: false }).issue({
      ...(user === undefined ? { clientId: name } : { username: name }),
      ...(options.scope === undefined ? {} : { scope: options.scope }),
      ...(options.audience === undefined ? {} : { audience: options.audience }),
      ...(options.patient === undefined ? {} : { patient: options.patient }),
      ttl: minutes * 60,
    });
    app.get(Oauth2Events, { strict: false }).tokenIssued.emit({
      grantType: 'command_line',
      clientId: issued.clientId,
      username: user === undefined ? null : name,
      audience: issued.audience,
      scopes: issued.scope.split(' '),
      address: null,
    });
    return {
      access_token: issued.accessToken,
      token_type: 'Bearer',
      expires_in: minutes * 60,
      scope: issued.scope,
      aud: issued.audience,
    };
  });
}
