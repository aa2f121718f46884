import type { TlsMinimumVersion } from '../outbound/tls-material.js';

export const tlsMinimumVersions = ['TLSv1.2', 'TLSv1.3'] as const satisfies readonly TlsMinimumVersion[];

export interface CertificateSummary {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly validFrom: string;
  readonly validTo: string;
  readonly state: 'valid' | 'expired' | 'not-yet-valid';
  /** SHA-256 in hex with colons. */
  readonly fingerprint: string;
}

/** How this server speaks TLS to another one. The client key is never part of it. */
export interface TlsConfiguration {
  readonly name: string;
  readonly minVersion: TlsMinimumVersion;
  /** PEM; null: the certificate authorities that Node.js brings. */
  readonly ca: string | null;
  /** PEM, the client's own certificate first. */
  readonly certificate: string | null;
  readonly hasKey: boolean;
  readonly caCertificates: readonly CertificateSummary[];
  readonly clientCertificates: readonly CertificateSummary[];
  /** Counts up with every change; the ETag. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Absent members stay as they are; null takes the thing away. */
export interface TlsConfigurationChanges {
  readonly minVersion?: TlsMinimumVersion;
  /** PEM bundle that replaces the authorities that Node.js brings. */
  readonly ca?: string | null;
  /** PEM; comes and goes together with its key. */
  readonly certificate?: string | null;
  /** PEM, without passphrase. */
  readonly key?: string | null;
}

export interface TlsConfigurationInput extends TlsConfigurationChanges {
  /** Letters, digits and `. _ -`; never changes. */
  readonly name: string;
}

/** As in the bootstrap file: PEM files that are read when it is applied. */
export interface TlsConfigurationFiles {
  readonly name: string;
  readonly minVersion?: TlsMinimumVersion;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}
