import { createHash } from 'node:crypto';
import type { Principal } from '../../../contract/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';

/** A key as a header may hold it: visible ASCII. */
const keyShape = /^[\x21-\x7e]{1,255}$/;

/** A request that may come again under the same key. */
export interface IdempotentRequest {
  readonly principal: Pick<
    Principal,
    'issuer' | 'subject' | 'clientId' | 'kind' | 'scopes' | 'patient' | 'roles'
  >;
  /** Base URL of the endpoint. */
  readonly base: string;
  readonly key: string;
  readonly method: string;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Address below the endpoint, with its query. */
  readonly address: string;
  readonly ifNoneExist: string | undefined;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

export interface RequestDigests {
  /** Who asks, through which door, under which key. */
  readonly key: Buffer;
  /** What is asked for. */
  readonly request: Buffer;
  /** With which scopes, patient in context and roles. */
  readonly rights: Buffer;
}

/** @throws FirekeepError 400 `FHIR_IDEMPOTENCY_KEY_INVALID` */
export function requireIdempotencyKey(header: string | readonly string[]): string {
  if (typeof header === 'string' && keyShape.test(header)) return header;
  throw new FirekeepError(
    'invalid',
    'FHIR_IDEMPOTENCY_KEY_INVALID',
    'Idempotency-Key must be one value of 1 to 255 visible ASCII characters, such as a UUID.',
  );
}

export function digestsOf(request: IdempotentRequest): RequestDigests {
  const { principal, base, key, method, address, ifNoneExist, contentType, body } = request;
  const { ifMatch, ifNoneMatch } = request;
  const ofOthers = method === 'POST' ? [] : [method, ifMatch ?? null, ifNoneMatch ?? null];
  const { issuer, subject, clientId, kind, scopes, patient, roles } = principal;
  return {
    key: digest(JSON.stringify([kind, issuer, subject, clientId, base, key])),
    request: createHash('sha256')
      .update(JSON.stringify([address, ifNoneExist ?? null, contentType ?? null, ...ofOthers]))
      .update(body)
      .digest(),
    rights: digest(JSON.stringify([scopes && distinct(scopes), patient, distinct(roles)])),
  };
}

/** The key of a part of a request: of an entry, or of one of several writes. */
export function partOf(key: Buffer, part: string): Buffer {
  return digest(Buffer.concat([key, Buffer.from(part)]));
}

/** The same, whatever their order. */
function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

/** @returns the error for a key that was used with other rights */
export function foreignKey(): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'FHIR_IDEMPOTENCY_KEY_FOREIGN',
    'The Idempotency-Key was used with other scopes, another patient in context or other roles, or before an ' +
      'upgrade of the server. Nothing was done again. Look whether the request was carried out, or send it with a key of its own.',
  );
}

function digest(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
