import { Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import type { SetupFailure } from '../store/setup-failure.js';
import { SetupQueue } from '../store/setup-queue.js';
import type { ClientConfigurationEntity } from '../store/client-configuration.entity.js';
import type { ClientConfiguration, RegistrationStatus } from './client-configuration.js';
import { driftOf } from './desired-metadata.js';
import { RegistrationExchange } from './registration-exchange.js';

/** Shows a stored configuration with its status; secrets stay behind. */
@Injectable()
export class ClientConfigurationView {
  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly exchange: RegistrationExchange,
    private readonly queue: SetupQueue,
  ) {}

  /** Paths of the endpoints whose OAuth client name this is. */
  pathsOf(applicationName: string): string[] {
    return this.endpoints
      .all()
      .filter(({ oauthClientName }) => oauthClientName === applicationName)
      .map(({ path }) => path);
  }

  async of(entities: readonly ClientConfigurationEntity[]): Promise<ClientConfiguration[]> {
    const [waiting, failures] = await Promise.all([
      this.queue.waiting('register'),
      this.queue.failuresOf('register'),
    ]);
    return entities.map((entity) => {
      const name = entity.applicationName;
      return this.show(entity, waiting.has(name), failures.get(name) ?? null);
    });
  }

  private show(
    entity: ClientConfigurationEntity,
    pending: boolean,
    failure: SetupFailure | null,
  ): ClientConfiguration {
    const metadata =
      entity.metadata === null ? null : (JSON.parse(entity.metadata) as Record<string, unknown>);
    const unsupported = JSON.parse(entity.unsupportedMembers ?? '[]') as string[];
    const drift =
      metadata === null || entity.clientId === null
        ? []
        : driftOf(this.exchange.desired(entity), metadata, unsupported);
    return {
      applicationName: entity.applicationName,
      clientName: entity.clientName,
      description: entity.description,
      clientType: entity.clientType,
      issuer: entity.issuer,
      tls: entity.tlsName,
      clientId: entity.clientId,
      clientSecretExpiresAt: entity.clientSecretExpiresAt,
      registrationClientUri: entity.registrationClientUri,
      metadata,
      registeredAt: entity.registeredAt,
      metadataAt: entity.metadataAt,
      status: statusOf(entity.clientId, drift.length),
      nextAction: entity.clientId === null ? 'Dynamic Registration and Save' : 'Get Update Metadata and Save',
      drift,
      unsupported,
      endpoints: this.pathsOf(entity.applicationName),
      pending,
      failure,
      version: entity.version,
      createdAt: entity.createdAt,
      updatedAt: entity.updatedAt,
    };
  }
}

function statusOf(clientId: string | null, drifted: number): RegistrationStatus {
  if (clientId === null) return 'not-registered';
  return drifted > 0 ? 'drifted' : 'registered';
}
