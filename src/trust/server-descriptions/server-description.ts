import type { SetupFailure } from '../store/setup-failure.js';
import type { MetadataDifference } from './metadata-difference.js';
import type { ServerMetadata } from '../store/server-metadata.js';

/** An authorization server that this server may register with and trust. */
export interface ServerDescription {
  readonly id: number;
  readonly issuer: string;
  /** Name of a TLS configuration; null: the defaults. */
  readonly tls: string | null;
  readonly hasInitialAccessToken: boolean;
  /** Null: not discovered yet. */
  readonly metadata: ServerMetadata | null;
  /** Milliseconds since the epoch. */
  readonly discoveredAt: number | null;
  /** Whether it is this server's own issuer. */
  readonly own: boolean;
  /** Application names of the client configurations at this issuer. */
  readonly usedBy: readonly string[];
  /** Of the attempts in the background; null: none is due, or none has failed. */
  readonly failure: SetupFailure | null;
  /** Counts up with every change; the ETag. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What discovery found, before anything is stored. */
export interface DiscoveryPreview {
  readonly issuer: string;
  readonly tls: string | null;
  /** Addresses of the documents that were read. */
  readonly sources: readonly string[];
  readonly metadata: ServerMetadata;
  /** Hand it to `save`, which then refuses to store anything else. */
  readonly digest: string;
  /** The stored description of this issuer; null: there is none. */
  readonly existing: { readonly id: number; readonly version: number } | null;
  /** Against the stored metadata; empty where there are none. */
  readonly difference: readonly MetadataDifference[];
  readonly warnings: readonly string[];
}

export interface ServerDescriptionInput {
  readonly issuer: string;
  /** Name of a TLS configuration. Undefined: as stored; null: the defaults. */
  readonly tls?: string | null;
  /** For registering there. Undefined: as stored; null: none. */
  readonly initialAccessToken?: string | null;
  /** Digest of the preview that the administrator saw. */
  readonly digest?: string;
}

export interface ServerDescriptionChanges {
  readonly tls?: string | null;
  readonly initialAccessToken?: string | null;
}
