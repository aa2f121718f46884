import { Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import type { AccessTokenClaims } from '../../contract/index.js';
import type { Check, CheckContext, CheckFailure } from './check.js';

/** The client that the token was issued to is enabled; clients of a remote issuer are that server's concern. */
@Injectable()
export class ClientEnabledCheck implements Check {
  readonly name = 'client-enabled';

  constructor(
    private readonly clients: ClientsService,
    private readonly settings: Settings,
  ) {}

  applies({ claims }: CheckContext): boolean {
    return claims !== undefined;
  }

  run({ claims }: CheckContext): Promise<CheckFailure | undefined> | undefined {
    return claims?.issuer === this.settings.issuer ? this.verify(claims) : undefined;
  }

  private async verify(claims: AccessTokenClaims): Promise<CheckFailure | undefined> {
    const client = await this.clients.find(claims.clientId);
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
