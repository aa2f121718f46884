import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { UsersService } from '../../users/index.js';
import { Oauth2Events } from '../oauth2-events.js';
import { ArtifactStore, endAccount } from '../provider/artifact-store.js';

/** Takes tokens back: at once on this node, within five seconds on others. */
@Injectable()
export class RevocationService implements OnModuleInit {
  constructor(
    @Inject(ArtifactStore) private readonly store: ArtifactStore,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(Oauth2Events) private readonly events: Oauth2Events,
  ) {}

  /** Sessions and refresh tokens are uses of the password that began them: they end in the same commit as it does. */
  onModuleInit(): void {
    this.users.endWithPassword(endAccount);
  }

  /** Every token, grant and session of a user: after a leak. */
  async revokeUser(username: string): Promise<void> {
    await this.store.revokeAccount(username);
    this.announce(`user ${username}`);
  }

  /** Every token and grant of a client. */
  async revokeClient(clientId: string): Promise<void> {
    await this.store.revokeClient(clientId);
    this.announce(`client ${clientId}`);
  }

  /** One opaque access or refresh token, with the grant that it came from. */
  async revokeToken(token: string): Promise<void> {
    await this.store.revokeFamilyOf(token);
    for (const model of ['AccessToken', 'ClientCredentials', 'RefreshToken']) {
      await this.store.destroy(model, token);
    }
    this.announce('token');
  }

  private announce(what: string): void {
    this.events.revoked.emit({ what, clientId: null, username: null, address: null });
  }
}
