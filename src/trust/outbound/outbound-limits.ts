/** Bounds of every request that this server sends. */
export interface OutboundLimits {
  /** Milliseconds for name look-up, connection and TLS. */
  readonly connectTimeout: number;
  /** Milliseconds from the start of a request to the last byte of its answer. */
  readonly totalTimeout: number;
  /** Bytes of an answer's body. */
  readonly maximumBytes: number;
  /** Connections to one origin. */
  readonly connections: number;
}

export const defaultOutboundLimits: OutboundLimits = {
  connectTimeout: 4_000,
  totalTimeout: 10_000,
  maximumBytes: 512 * 1024,
  connections: 16,
};
