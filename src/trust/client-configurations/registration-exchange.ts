import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { EndpointRegistry } from '../../endpoints/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { TrustSnapshot } from '../store/trust-snapshot.js';
import type { TlsMaterial } from '../outbound/tls-material.js';
import { OwnIssuer } from '../own-issuer/own-issuer.js';
import { initialAccessTokenPurpose, ServerDescriptionEntity } from '../store/server-description.entity.js';
import { ServerDescriptionsService } from '../server-descriptions/server-descriptions.service.js';
import type { ServerMetadata } from '../store/server-metadata.js';
import {
  clientSecretPurpose,
  registrationTokenPurpose,
  type ClientConfigurationEntity,
} from '../store/client-configuration.entity.js';
import { desiredMetadata } from './desired-metadata.js';
import { DynamicRegistration, type RegistrationAccess } from './dynamic-registration.js';
import { OwnRegistration } from './own-registration.js';
import { managementOrigins, type Registration } from './registration-answer.js';

/** Registering and managing a registration, wherever the issuer is. Stores nothing. */
@Injectable()
export class RegistrationExchange {
  constructor(
    private readonly secretBox: SecretBox,
    private readonly snapshot: TrustSnapshot,
    private readonly endpoints: EndpointRegistry,
    private readonly servers: ServerDescriptionsService,
    private readonly remote: DynamicRegistration,
    private readonly local: OwnRegistration,
    private readonly own: OwnIssuer,
    @InjectRepository(ServerDescriptionEntity)
    private readonly serverEntities: Repository<ServerDescriptionEntity>,
  ) {}

  /** What would be sent now. */
  desired(entity: ClientConfigurationEntity): ReturnType<typeof desiredMetadata> {
    return desiredMetadata(entity, this.endpoints.all());
  }

  async register(entity: ClientConfigurationEntity): Promise<Registration> {
    if (this.own.is(entity.issuer)) return this.local.register(this.ownDesired(entity));
    const { server, initialAccessToken } = await this.serverOf(entity.issuer);
    return this.remote.register(server, await this.tlsOf(entity), initialAccessToken, this.desired(entity));
  }

  async read(entity: ClientConfigurationEntity): Promise<Registration> {
    if (this.own.is(entity.issuer)) return this.local.read(requiredClientId(entity));
    return this.remote.read(await this.accessOf(entity));
  }

  async update(entity: ClientConfigurationEntity): Promise<Registration> {
    if (this.own.is(entity.issuer)) {
      return this.local.update(requiredClientId(entity), this.ownDesired(entity));
    }
    const secret = this.open(clientSecretPurpose, entity.sealedClientSecret, entity.applicationName);
    return this.remote.update(await this.accessOf(entity), this.desired(entity), secret);
  }

  async remove(entity: ClientConfigurationEntity): Promise<void> {
    if (this.own.is(entity.issuer)) return this.local.remove(requiredClientId(entity));
    return this.remote.remove(await this.accessOf(entity));
  }

  /** Takes back a registration that was never stored. */
  async discard(entity: ClientConfigurationEntity, registration: Registration): Promise<void> {
    if (this.own.is(entity.issuer)) return this.local.remove(registration.clientId);
    const { registrationClientUri: uri, registrationToken: token, clientId } = registration;
    if (uri === undefined || token === undefined) return;
    const origins = await this.originsOf(entity);
    await this.remote.remove({ clientId, uri, origins, token, tls: await this.tlsOf(entity) });
  }

  private ownDesired(entity: ClientConfigurationEntity) {
    const { resource } = this.desired(entity);
    return { clientName: entity.clientName, description: entity.description, resource };
  }

  /** Discovers a server whose metadata are not there yet. */
  private async serverOf(
    issuer: string,
  ): Promise<{ server: ServerMetadata; initialAccessToken: string | null }> {
    let entity = await this.serverEntities.findOneByOrFail({ issuer });
    if (entity.metadata === null) {
      await this.servers.save({ issuer });
      entity = await this.serverEntities.findOneByOrFail({ issuer });
    }
    return {
      server: JSON.parse(entity.metadata ?? '{}') as ServerMetadata,
      initialAccessToken: this.open(initialAccessTokenPurpose, entity.sealedInitialAccessToken, issuer),
    };
  }

  private async tlsOf(entity: ClientConfigurationEntity): Promise<TlsMaterial | null> {
    const server = await this.serverEntities.findOneByOrFail({ issuer: entity.issuer });
    const name = entity.tlsName ?? server.tlsName;
    const tls = this.snapshot.tls(name);
    if (name === null || tls !== null) return tls;
    await this.snapshot.refresh();
    return this.snapshot.tls(name);
  }

  private async accessOf(entity: ClientConfigurationEntity): Promise<RegistrationAccess> {
    const clientId = requiredClientId(entity);
    const token = this.open(registrationTokenPurpose, entity.sealedRegistrationToken, entity.applicationName);
    if (entity.registrationClientUri === null || token === null) {
      throw new FirekeepError(
        'conflict',
        'TRUST_NO_MANAGEMENT',
        `${entity.issuer} gave no way to manage the registration of "${entity.applicationName}" (RFC 7592). Change it there.`,
      );
    }
    const origins = await this.originsOf(entity);
    const { registrationClientUri: uri } = entity;
    return { clientId, uri, origins, token, tls: await this.tlsOf(entity) };
  }

  private async originsOf({ issuer }: ClientConfigurationEntity): Promise<readonly string[]> {
    const { metadata } = await this.serverEntities.findOneByOrFail({ issuer });
    return managementOrigins(
      metadata === null ? { issuer, token_endpoint: issuer } : (JSON.parse(metadata) as ServerMetadata),
    );
  }

  private open(purpose: string, sealed: Buffer | null, context: string): string | null {
    return sealed === null ? null : this.secretBox.open(purpose, sealed, context);
  }
}

function requiredClientId(entity: ClientConfigurationEntity): string {
  if (entity.clientId !== null) return entity.clientId;
  throw new FirekeepError(
    'conflict',
    'TRUST_NOT_REGISTERED',
    `"${entity.applicationName}" is not registered at ${entity.issuer} yet. Register it first.`,
  );
}
