import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CheckMode } from './endpoint.js';

@Entity({ name: 'fhir_endpoint' })
export class EndpointEntity {
  @PrimaryColumn({ type: String })
  path!: string;

  @Column({ type: String })
  repository!: string;

  @Column({ name: 'check_mode', type: String })
  checkMode!: CheckMode;

  @Column({ name: 'oauth_client_name', type: String, nullable: true })
  oauthClientName!: string | null;

  @Column({ name: 'access_token_lifetime', type: Number, nullable: true })
  accessTokenLifetime!: number | null;

  @Column({ type: Boolean })
  enabled!: boolean;

  @Column({ type: Number })
  version!: number;

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;

  @Column({ name: 'updated_at', type: Number })
  updatedAt!: number;
}
