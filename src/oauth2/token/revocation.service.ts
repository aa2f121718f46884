import { Inject, Injectable } from '@nestjs/common';
import { ArtifactStore } from '../provider/artifact-store.js';

/** Takes tokens back: at once on this node, within five seconds on others. */
@Injectable()
export class RevocationService {
  constructor(@Inject(ArtifactStore) private readonly store: ArtifactStore) {}

  /** Every token, grant and session of a user: after a password change or a leak. */
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
