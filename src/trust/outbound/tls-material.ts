export type TlsMinimumVersion = 'TLSv1.2' | 'TLSv1.3';

/** What a connection needs of a TLS configuration; the key is in clear and never leaves the process. */
export interface TlsMaterial {
  readonly name: string;
  /** Differs where anything differs, so that connections of before a change are not used on. */
  readonly fingerprint: string;
  readonly minVersion: TlsMinimumVersion;
  /** PEM; null: the certificate authorities that Node.js brings. */
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}
