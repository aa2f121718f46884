import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { UsersService } from '../../users/index.js';
import { Oauth2Events } from '../oauth2-events.js';
import { ArtifactStore, endAccount } from '../provider/artifact-store.js';

const nobody = { clientId: null, username: null, address: null };

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

  /**
   * All that a client has from a user: tokens, refresh tokens, codes that wait, grants.
   *
   * @param address of who takes it back; null: not known
   * @returns whether there was any
   */
  async revokeApproval(username: string, clientId: string, address: string | null): Promise<boolean> {
    if (!(await this.store.revokeApproval(username, clientId))) return false;
    this.announce(`approval ${clientId}`, { clientId, username, address });
    return true;
  }

  /** The same for one grant. @param hash of its id @returns whether the user has such a grant */
  async revokeGrant(username: string, hash: Buffer, address: string | null): Promise<boolean> {
    const clientId = await this.store.revokeGrantOf(username, hash);
    if (clientId === undefined) return false;
    this.announce(`approval ${clientId}`, { clientId, username, address });
    return true;
  }

  /** One opaque access or refresh token, with the grant that it came from. */
  async revokeToken(token: string): Promise<void> {
    await this.store.revokeFamilyOf(token);
    for (const model of ['AccessToken', 'ClientCredentials', 'RefreshToken']) {
      await this.store.destroy(model, token);
    }
    this.announce('token');
  }

  private announce(
    what: string,
    by: { clientId: string | null; username: string | null; address: string | null } = nobody,
  ): void {
    this.events.revoked.emit({ what, ...by });
  }
}
