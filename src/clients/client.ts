export const clientTypes = ['public', 'confidential', 'resource_server'] as const;
export type ClientType = (typeof clientTypes)[number];

/** How a client proves at the token endpoint who it is; `client_secret_jwt` would need secrets in clear. */
export const authMethods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
export type TokenEndpointAuthMethod = (typeof authMethods)[number];

export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code';
export const grantTypes = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  deviceCodeGrant,
] as const;
export type GrantType = (typeof grantTypes)[number];

export interface JsonWebKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** The description of an OAuth2 client or resource server. Its secret is elsewhere and never leaves `clients`. */
export interface Client {
  /** `client_id`; never equal to a username, never reused. */
  readonly clientId: string;
  readonly clientName: string;
  readonly description: string | null;
  readonly clientType: ClientType;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  readonly redirectUris: string[];
  readonly postLogoutRedirectUris: string[];
  readonly grantTypes: GrantType[];
  /** Space-separated upper bound of what the client may ask for. */
  readonly scope: string;
  /** Base URLs of a resource server, without a trailing slash. */
  readonly resource: string[];
  readonly jwks: JsonWebKeySet | null;
  readonly jwksUri: string | null;
  readonly pkceRequired: boolean;
  /** Belongs to this server: may be granted the scope `admin`, and nobody is asked for consent. */
  readonly firstParty: boolean;
  readonly dynamicallyRegistered: boolean;
  /** An administrator has made or changed it: what it is described by is the most that it may register itself. */
  readonly administered: boolean;
  readonly enabled: boolean;
  /** Whether a secret is stored. */
  readonly hasSecret: boolean;
  /** Further RFC 7591 metadata, as registered: `contacts`, `logo_uri`, `tos_uri`, `software_id` … */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Counts up with every change; the ETag. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What of a client can be changed; its id and type can't. */
export interface ClientChanges {
  readonly clientName?: string;
  readonly description?: string | null;
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod;
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly grantTypes?: readonly GrantType[];
  readonly scope?: string;
  readonly resource?: readonly string[];
  readonly jwks?: JsonWebKeySet | null;
  readonly jwksUri?: string | null;
  readonly pkceRequired?: boolean;
  readonly firstParty?: boolean;
  readonly enabled?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface ClientInput extends ClientChanges {
  /** Generated where it is absent. */
  readonly clientId?: string;
  /** From the authentication method and `resource` where it is absent. */
  readonly clientType?: ClientType;
  /** Generated where it is absent and the authentication method needs one. */
  readonly clientSecret?: string;
  readonly dynamicallyRegistered?: boolean;
}

export interface CreatedClient {
  readonly client: Client;
  /** In clear, this once: only a hash is stored. Absent where the client has none, or the caller gave it. */
  readonly secret?: string;
}
