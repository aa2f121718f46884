import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { SecretBox } from '../../platform/crypto/index.js';
import { Database } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { TrustSnapshot } from '../store/trust-snapshot.js';
import {
  ClientConfigurationEntity,
  clientSecretPurpose,
  registrationTokenPurpose,
} from '../store/client-configuration.entity.js';
import { unsupportedMembers } from './desired-metadata.js';
import type { Registration } from './registration-answer.js';

type Json = Readonly<Record<string, unknown>>;

/** The columns of a configuration that is not registered. */
export const forgottenRegistration = {
  clientId: null,
  sealedClientSecret: null,
  sealedRegistrationToken: null,
  registrationClientUri: null,
  clientSecretExpiresAt: null,
  metadata: null,
  unsupportedMembers: null,
  registeredAt: null,
  metadataAt: null,
} as const;

/** Keeps what a server answers to a registration, its secrets sealed. */
@Injectable()
export class RegistrationAnswers {
  constructor(
    private readonly database: Database,
    private readonly secretBox: SecretBox,
    private readonly snapshot: TrustSnapshot,
  ) {}

  /** @returns false where another registration was stored meanwhile; then nothing is. */
  async saveFirst(
    entity: ClientConfigurationEntity,
    registration: Registration,
    sent: Json,
  ): Promise<boolean> {
    const result = await this.database.write((manager) =>
      manager.update(
        ClientConfigurationEntity,
        { applicationName: entity.applicationName, issuer: entity.issuer, clientId: IsNull() },
        {
          ...this.columns(entity, registration, sent),
          clientId: registration.clientId,
          registeredAt: Date.now(),
          version: () => 'version + 1',
        },
      ),
    );
    await this.snapshot.refresh();
    return result.affected === 1;
  }

  /**
   * Keeps rotated secrets even where somebody else changed the configuration meanwhile: they would be lost.
   *
   * @throws FirekeepError 409 `TRUST_NOT_REGISTERED` where the registration was forgotten meanwhile.
   */
  async save(entity: ClientConfigurationEntity, registration: Registration, sent?: Json): Promise<void> {
    const result = await this.database.write((manager) =>
      manager.update(
        ClientConfigurationEntity,
        { applicationName: entity.applicationName, clientId: registration.clientId },
        { ...this.columns(entity, registration, sent), version: () => 'version + 1' },
      ),
    );
    await this.snapshot.refresh();
    if (result.affected === 1) return;
    throw new FirekeepError(
      'conflict',
      'TRUST_NOT_REGISTERED',
      `The registration of "${entity.applicationName}" was forgotten meanwhile.`,
    );
  }

  private columns(entity: ClientConfigurationEntity, registration: Registration, sent: Json | undefined) {
    const { clientSecret, clientSecretExpiresAt, registrationToken, registrationClientUri } = registration;
    const { applicationName } = entity;
    const now = Date.now();
    return {
      metadata: JSON.stringify(registration.metadata),
      metadataAt: now,
      updatedAt: now,
      ...(sent === undefined
        ? {}
        : { unsupportedMembers: JSON.stringify(unsupportedMembers(sent, registration.metadata)) }),
      ...(clientSecret === undefined
        ? {}
        : {
            sealedClientSecret: this.secretBox.seal(clientSecretPurpose, clientSecret, applicationName),
            clientSecretExpiresAt: clientSecretExpiresAt ?? null,
          }),
      ...(registrationToken === undefined
        ? {}
        : {
            sealedRegistrationToken: this.secretBox.seal(
              registrationTokenPurpose,
              registrationToken,
              applicationName,
            ),
          }),
      ...(registrationClientUri === undefined ? {} : { registrationClientUri }),
    };
  }
}
