import { Injectable } from '@nestjs/common';
import { ClientsService, type Client } from '../../clients/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { Registration } from './registration-answer.js';

interface Desired {
  readonly clientName: string;
  readonly description: string;
  readonly resource: readonly string[];
}

/** Registration at this server's own issuer, without a way through the network: by its client descriptions. */
@Injectable()
export class OwnRegistration {
  constructor(private readonly clients: ClientsService) {}

  /** @throws FirekeepError 400 `CLIENTS_INVALID` */
  async register(desired: Desired): Promise<Registration> {
    const { client, secret } = await this.clients.create({
      clientName: desired.clientName,
      description: desired.description === '' ? null : desired.description,
      clientType: 'resource_server',
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: [],
      resource: desired.resource,
    });
    return {
      clientId: client.clientId,
      ...(secret === undefined ? {} : { clientSecret: secret, clientSecretExpiresAt: null }),
      metadata: metadataOf(client),
    };
  }

  /** @throws FirekeepError 409 `TRUST_REGISTRATION_GONE` */
  async read(clientId: string): Promise<Registration> {
    const client = await this.found(clientId);
    return { clientId, metadata: metadataOf(client) };
  }

  /** @throws FirekeepError 409 `TRUST_REGISTRATION_GONE`, 400 `CLIENTS_INVALID` */
  async update(clientId: string, desired: Desired): Promise<Registration> {
    await this.found(clientId);
    const client = await this.clients.update(clientId, {
      clientName: desired.clientName,
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: [],
      resource: desired.resource,
    });
    return { clientId, metadata: metadataOf(client) };
  }

  async remove(clientId: string): Promise<void> {
    await this.found(clientId);
    await this.clients.remove(clientId);
  }

  private async found(clientId: string): Promise<Client> {
    try {
      return await this.clients.get(clientId);
    } catch (error) {
      if (!(error instanceof FirekeepError && error.category === 'not-found')) throw error;
      throw new FirekeepError(
        'conflict',
        'TRUST_REGISTRATION_GONE',
        `The client ${clientId} was removed from this server. Forget this registration and register again.`,
      );
    }
  }
}

/** As RFC 7591 names the members. */
function metadataOf(client: Client): Record<string, unknown> {
  return {
    client_id: client.clientId,
    client_name: client.clientName,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    grant_types: client.grantTypes,
    response_types: [],
    redirect_uris: client.redirectUris,
    resource: client.resource,
  };
}
