import { Inject, Injectable } from '@nestjs/common';
import { CallerDirectory } from '../caller-directory.js';
import type { Check, CheckContext, CheckFailure } from '../check.js';

/** The client that the token was issued to is enabled; clients of a remote issuer are that server's concern. */
@Injectable()
export class ClientEnabledCheck implements Check {
  readonly name = 'client-enabled';

  constructor(@Inject(CallerDirectory) private readonly directory: CallerDirectory) {}

  async run({ claims }: CheckContext): Promise<CheckFailure | undefined> {
    if (claims === undefined || !this.directory.isOwnIssuer(claims.issuer)) return undefined;
    const client = await this.directory.client(claims.clientId);
    if (client?.enabled === true) return undefined;
    return {
      category: 'unauthenticated',
      error: 'invalid_token',
      message: 'The access token is expired, revoked, malformed or not valid here.',
      expected: `an enabled client ${claims.clientId}`,
      actual: client === undefined ? 'no such client' : 'the client is disabled',
      remedy: 'Enable the client in the management API, or use another one.',
      setting: `client ${claims.clientId}`,
    };
  }
}
