import type { CheckMode } from '../contract/index.js';

export type { CheckMode } from '../contract/index.js';

/** What a request to an endpoint must bring. */
export const checkModes: readonly CheckMode[] = ['bearer', 'basic-and-bearer', 'basic', 'open'];

/** A configured FHIR endpoint: one door to a repository. */
export interface FhirEndpoint {
  /** `/fhir/r4` */
  readonly path: string;
  /** Absolute URL without a trailing slash; the audience of its tokens. */
  readonly base: string;
  /** Name of the repository behind it. */
  readonly repository: string;
  readonly checkMode: CheckMode;
  /** Application name of the client configuration whose issuer is trusted; null: this server's own issuer. */
  readonly oauthClientName: string | null;
  /** Seconds that an access token for it lives at the most; null: as long as its client's do. */
  readonly accessTokenLifetime: number | null;
  readonly enabled: boolean;
  /** Counts up with every change; the ETag. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface EndpointInput {
  readonly path: string;
  readonly repository?: string;
  readonly checkMode: CheckMode;
  readonly oauthClientName?: string | null;
  readonly accessTokenLifetime?: number | null;
  readonly enabled?: boolean;
}

/** What of an endpoint can be changed; stored links carry its path, so that stays. */
export interface EndpointChanges {
  readonly checkMode?: CheckMode;
  readonly oauthClientName?: string | null;
  readonly accessTokenLifetime?: number | null;
  readonly enabled?: boolean;
  readonly repository?: string;
}
