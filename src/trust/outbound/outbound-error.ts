import { FirekeepError } from '../../platform/errors/index.js';

/** How far a request to another server came before it failed. */
export type OutboundStage =
  | 'address'
  | 'name-lookup'
  | 'connect'
  | 'tls'
  | 'http-status'
  | 'response'
  | 'not-json'
  | 'metadata'
  | 'issuer-mismatch';

const codeOfStage: Readonly<Record<OutboundStage, string>> = {
  address: 'TRUST_ADDRESS_REFUSED',
  'name-lookup': 'TRUST_NAME_LOOKUP_FAILED',
  connect: 'TRUST_CONNECT_FAILED',
  tls: 'TRUST_TLS_FAILED',
  'http-status': 'TRUST_HTTP_STATUS',
  response: 'TRUST_RESPONSE_UNUSABLE',
  'not-json': 'TRUST_NOT_JSON',
  metadata: 'TRUST_METADATA_INVALID',
  'issuer-mismatch': 'TRUST_ISSUER_MISMATCH',
};

/** Later stages say more about what is wrong than earlier ones. */
const order: readonly OutboundStage[] = [
  'address',
  'name-lookup',
  'connect',
  'tls',
  'http-status',
  'response',
  'not-json',
  'metadata',
  'issuer-mismatch',
];

export interface OutboundErrorOptions {
  /** HTTP status of the answer, where one came. */
  readonly answerStatus?: number;
  /** Error code of the OAuth 2.0 answer, `invalid_client` for example. */
  readonly oauthError?: string;
  readonly cause?: unknown;
}

/** A request to another server that failed at `stage`; the message says what happened and what to do. */
export class OutboundError extends FirekeepError {
  readonly answerStatus: number | undefined;
  readonly oauthError: string | undefined;

  constructor(
    readonly stage: OutboundStage,
    message: string,
    options: OutboundErrorOptions = {},
  ) {
    super('unprocessable', codeOfStage[stage], message, { cause: options.cause });
    this.name = 'OutboundError';
    this.answerStatus = options.answerStatus;
    this.oauthError = options.oauthError;
  }

  /** Whether this failure says more than `other`: of a later stage, or more than that nothing is there. */
  saysMoreThan(other: OutboundError): boolean {
    const lead = order.indexOf(this.stage) - order.indexOf(other.stage);
    return lead > 0 || (lead === 0 && this.answerStatus !== 404 && other.answerStatus === 404);
  }
}
