import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ClientType, GrantType, JsonWebKeySet, TokenEndpointAuthMethod } from './client.js';

@Entity({ name: 'oauth_client' })
export class ClientEntity {
  @PrimaryColumn({ name: 'client_id', type: String })
  clientId!: string;

  @Column({ name: 'client_name', type: String })
  clientName!: string;

  @Column({ type: String, nullable: true })
  description!: string | null;

  @Column({ name: 'client_type', type: String })
  clientType!: ClientType;

  @Column({ name: 'token_endpoint_auth_method', type: String })
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @Column({ name: 'redirect_uris', type: 'simple-json' })
  redirectUris!: string[];

  @Column({ name: 'post_logout_redirect_uris', type: 'simple-json' })
  postLogoutRedirectUris!: string[];

  @Column({ name: 'grant_types', type: 'simple-json' })
  grantTypes!: GrantType[];

  @Column({ type: String })
  scope!: string;

  @Column({ type: 'simple-json' })
  resource!: string[];

  @Column({ type: 'simple-json', nullable: true })
  jwks!: JsonWebKeySet | null;

  @Column({ name: 'jwks_uri', type: String, nullable: true })
  jwksUri!: string | null;

  @Column({ name: 'pkce_required', type: Boolean })
  pkceRequired!: boolean;

  @Column({ name: 'first_party', type: Boolean })
  firstParty!: boolean;

  @Column({ name: 'dynamically_registered', type: Boolean })
  dynamicallyRegistered!: boolean;

  @Column({ type: Boolean })
  enabled!: boolean;

  /** Hash of the secret, in a form that names its algorithm. */
  @Column({ name: 'secret_hash', type: String, nullable: true, select: false })
  secretHash!: string | null;

  @Column({ name: 'has_secret', type: Boolean })
  hasSecret!: boolean;

  @Column({ type: 'simple-json' })
  metadata!: Record<string, unknown>;

  /** Version up to which nobody but the client itself has described it; null: somebody else has from the beginning. */
  @Column({ name: 'self_version', type: Number, nullable: true })
  selfVersion!: number | null;

  /** Of a client that registered itself: the redirect URIs that an administrator has named; null: none. */
  @Column({ name: 'approved_redirect_uris', type: 'simple-json', nullable: true })
  approvedRedirectUris!: string[] | null;

  /** Version that its rows by address were derived from; null: there are none. */
  @Column({ name: 'indexed_version', type: Number, nullable: true })
  indexedVersion!: number | null;

  @Column({ type: Number })
  version!: number;

  @Column({ name: 'created_at', type: Number })
  createdAt!: number;

  @Column({ name: 'updated_at', type: Number })
  updatedAt!: number;
}

/** The columns of a client, without the class. */
export type ClientRecord = Pick<ClientEntity, keyof ClientEntity>;
