import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'client_configuration' })
export class ClientConfigurationEntity {
  @PrimaryColumn({ name: 'application_name', type: String })
  applicationName!: string;

  @Column({ name: 'client_name', type: String })
  clientName!: string;

  @Column({ type: String })
  description!: string;

  @Column({ name: 'client_type', type: String })
  clientType!: 'resource_server';

  @Column({ type: String })
  issuer!: string;

  @Column({ name: 'tls_name', type: String, nullable: true })
  tlsName!: string | null;

  @Column({ name: 'client_id', type: String, nullable: true })
  clientId!: string | null;

  /** Sealed for `clientSecretPurpose` with the application name as context; so is the next. */
  @Column({ name: 'sealed_client_secret', type: 'blob', nullable: true })
  sealedClientSecret!: Buffer | null;

  @Column({ name: 'sealed_registration_token', type: 'blob', nullable: true })
  sealedRegistrationToken!: Buffer | null;

  @Column({ name: 'registration_client_uri', type: String, nullable: true })
  registrationClientUri!: string | null;

  /** Milliseconds; null: never. */
  @Column({ name: 'client_secret_expires_at', type: Number, nullable: true })
  clientSecretExpiresAt!: number | null;

  /** JSON object as the server last gave it, without secrets. */
  @Column({ type: 'text', nullable: true })
  metadata!: string | null;

  /** JSON list of members that the server does not keep. */
  @Column({ name: 'unsupported_members', type: 'text', nullable: true })
  unsupportedMembers!: string | null;

  @Column({ name: 'registered_at', type: Number, nullable: true })
  registeredAt!: number | null;

  @Column({ name: 'metadata_at', type: Number, nullable: true })
  metadataAt!: number | null;

  @Column({ type: Number })
  version!: number;

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;

  @Column({ name: 'updated_at', type: Number })
  updatedAt!: number;
}

export const clientSecretPurpose = 'trust:client-secret';
export const registrationTokenPurpose = 'trust:registration-access-token';
