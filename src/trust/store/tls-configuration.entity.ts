import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TlsMinimumVersion } from '../outbound/tls-material.js';

@Entity({ name: 'tls_configuration' })
export class TlsConfigurationEntity {
  @PrimaryColumn({ type: String })
  name!: string;

  @Column({ name: 'min_version', type: String })
  minVersion!: TlsMinimumVersion;

  /** PEM, one or more certificates. */
  @Column({ name: 'ca', type: 'text', nullable: true })
  ca!: string | null;

  /** PEM, the client's own certificate first. */
  @Column({ name: 'certificate', type: 'text', nullable: true })
  certificate!: string | null;

  /** PEM, sealed for `tlsKeyPurpose` with the name as context. */
  @Column({ name: 'sealed_key', type: 'blob', nullable: true })
  sealedKey!: Buffer | null;

  @Column({ type: Number })
  version!: number;

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;

  @Column({ name: 'updated_at', type: Number })
  updatedAt!: number;
}

/** SecretBox purpose of client keys. */
export const tlsKeyPurpose = 'trust:tls-key';
