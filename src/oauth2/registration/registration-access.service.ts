import { Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { RegistrationsStore } from './registrations.store.js';

/** What an administrator decides about the management of registrations by clients (RFC 7592). */
@Injectable()
export class RegistrationAccessService {
  constructor(
    private readonly clients: ClientsService,
    private readonly registrations: RegistrationsStore,
  ) {}

  /**
   * Ends the registration access token of a client: it stays as it is, and can't read, change or remove itself any
   * more.
   *
   * @throws FirekeepError 404 `CLIENTS_NOT_FOUND`, `OAUTH2_REGISTRATION_NOT_FOUND`
   */
  async end(clientId: string): Promise<void> {
    await this.clients.get(clientId);
    if (await this.registrations.remove(clientId)) return;
    throw new FirekeepError(
      'not-found',
      'OAUTH2_REGISTRATION_NOT_FOUND',
      `The client ${clientId} has no registration access token: it never registered itself, or the token was ended.`,
    );
  }
}
