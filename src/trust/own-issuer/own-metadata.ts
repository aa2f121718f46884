/** Metadata of this server's own issuer, without a way through the network; filled by `oauth2`. */
export interface OwnMetadata {
  readonly issuer: string;
  /** The RFC 8414 document. */
  metadata(): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
}

/** Injection token of OwnMetadata; where it is absent the own issuer is asked over HTTP as any other. */
export const OWN_METADATA = Symbol('OwnMetadata');
