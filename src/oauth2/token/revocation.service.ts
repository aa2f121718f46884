import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { UsersService } from '../../users/index.js';
import { ArtifactStore, endAccount } from '../provider/artifact-store.js';

/** Takes tokens back: at once on this node, within five seconds on others. */
@Injectable()
export class RevocationService implements OnModuleInit {
  constructor(
    @Inject(ArtifactStore) private readonly store: ArtifactStore,
    @Inject(UsersService) private readonly users: UsersService,
  ) {}

  /** Sessions and refresh tokens are uses of the password that began them: they end in the same commit as it does. */
  onModuleInit(): void {
    this.users.endWithPassword(endAccount);
  }

  /** Every token, grant and session of a user: after a leak. */
  revokeUser(username: string): Promise<void> {
    return this.store.revokeAccount(username);
  }

  /** Every token and grant of a client. */
  revokeClient(clientId: string): Promise<void> {
    return this.store.revokeClient(clientId);
  }

  /** One opaque access or refresh token, with the grant that it came from. */
  async revokeToken(token: string): Promise<void> {
    await this.store.revokeFamilyOf(token);
    for (const model of ['AccessToken', 'ClientCredentials', 'RefreshToken']) {
      await this.store.destroy(model, token);
    }
  }
}
