import type { SetupFailure } from '../store/setup-failure.js';

export type RegistrationStatus =
  /** There is no client id yet. */
  | 'not-registered'
  | 'registered'
  /** The server has something else than this server would send now. */
  | 'drifted';

/** What the one button does next. */
export type NextAction = 'Dynamic Registration and Save' | 'Get Update Metadata and Save';

/** A member in which the server's metadata are not what this server would send. */
export interface MetadataDrift {
  readonly member: string;
  readonly ours: unknown;
  /** Undefined: the server does not have it. */
  readonly theirs?: unknown;
}

/** This server as a client of an authorization server; endpoints name it by its application name. */
export interface ClientConfiguration {
  readonly applicationName: string;
  readonly clientName: string;
  readonly description: string;
  readonly clientType: 'resource_server';
  readonly issuer: string;
  /** Name of a TLS configuration; null: that of the server description. */
  readonly tls: string | null;
  readonly clientId: string | null;
  /** Milliseconds since the epoch; null: never. */
  readonly clientSecretExpiresAt: number | null;
  readonly registrationClientUri: string | null;
  /** As the server last gave them, without secrets. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly registeredAt: number | null;
  /** When the metadata were last read from the server. */
  readonly metadataAt: number | null;
  readonly status: RegistrationStatus;
  readonly nextAction: NextAction;
  readonly drift: readonly MetadataDrift[];
  /** Members that the server ignores; not counted as drift. */
  readonly unsupported: readonly string[];
  /** Paths of the endpoints whose OAuth client name this is. */
  readonly endpoints: readonly string[];
  /** Whether a registration in the background is waiting. */
  readonly pending: boolean;
  readonly failure: SetupFailure | null;
  /** Counts up with every change; the ETag. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ClientConfigurationInput {
  /** At most 128 characters; never changes. */
  readonly applicationName: string;
  /** Issuer of a server description. */
  readonly issuer: string;
  /** As the application name where it is absent. */
  readonly clientName?: string;
  readonly description?: string;
  readonly clientType?: 'resource_server';
  readonly tls?: string | null;
}

export interface ClientConfigurationChanges {
  readonly clientName?: string;
  readonly description?: string;
  readonly tls?: string | null;
  /** Only while it is not registered. */
  readonly issuer?: string;
}

/** An endpoint whose OAuth client name is no application name: it refuses every token. */
export interface DanglingName {
  readonly endpoint: string;
  readonly oauthClientName: string;
}

/** What became of the registration at the other server when a configuration was removed. */
export interface RemovedClientConfiguration {
  readonly deregistered: boolean;
  /** Why it stays registered there. */
  readonly failure?: string;
}
