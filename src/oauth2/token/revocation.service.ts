import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ClientsService } from '../../clients/index.js';
import { UsersService } from '../../users/index.js';
import { Oauth2Events } from '../events/oauth2-events.js';
import { ArtifactStore, endAccount, endClient } from '../store/artifact-store.js';

const nobody = { clientId: null, username: null, address: null };

/** Takes tokens back: at once on this node, within five seconds on others. */
@Injectable()
export class RevocationService implements OnModuleInit {
  constructor(
    private readonly store: ArtifactStore,
    private readonly users: UsersService,
    private readonly clients: ClientsService,
    private readonly events: Oauth2Events,
  ) {}

  /**
   * What was obtained by a password ends in the same commit as it does; and an account or client that is enabled again
   * begins afresh.
   */
  onModuleInit(): void {
    this.users.endWithAccount(endAccount);
    this.clients.endWithClient(endClient);
    this.users.usesEnded.subscribe((username) => this.announceEnd(`user ${username}`));
    this.clients.usesEnded.subscribe((clientId) => this.announceEnd(`client ${clientId}`));
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

  private announceEnd(what: string): void {
    this.store.revoked.emit(undefined);
    this.announce(what);
  }

  private announce(
    what: string,
    by: { clientId: string | null; username: string | null; address: string | null } = nobody,
  ): void {
    this.events.revoked.emit({ what, ...by });
  }
}
