import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity({ name: 'server_description' })
export class ServerDescriptionEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: String })
  issuer!: string;

  @Column({ name: 'tls_name', type: String, nullable: true })
  tlsName!: string | null;

  /** JSON object as discovered; null: not discovered yet. */
  @Column({ type: 'text', nullable: true })
  metadata!: string | null;

  /** Sealed for `initialAccessTokenPurpose` with the issuer as context. */
  @Column({ name: 'sealed_initial_access_token', type: 'blob', nullable: true })
  sealedInitialAccessToken!: Buffer | null;

  @Column({ name: 'discovered_at', type: Number, nullable: true })
  discoveredAt!: number | null;

  @Column({ type: Number })
  version!: number;

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;

  @Column({ name: 'updated_at', type: Number })
  updatedAt!: number;
}

/** SecretBox purpose of initial access tokens. */
export const initialAccessTokenPurpose = 'trust:initial-access-token';
