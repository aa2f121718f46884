import { errors, type Client as EngineClient } from 'oidc-provider';
import { traitsOf } from './engine-client.js';

type Json = Readonly<Record<string, unknown>>;

/** Seconds that a signed request may be good for, with what clocks may differ. */
const longest = 600;
const clockSkew = 30;

/**
 * Whether a header says by which key it is to be verified: keys come from the registration alone. `jku` may repeat it.
 * https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#signature-verification
 *
 * @param registered where the client's keys are
 */
export function bringsKey(header: unknown, registered: string | null): boolean {
  const { jku, jwk, x5u } = header as Json;
  return (jku !== undefined && jku !== registered) || jwk !== undefined || x5u !== undefined;
}

export function isRequestObject(header: unknown): boolean {
  const { typ } = header as Json;
  return typeof typ === 'string' && /^(application\/)?oauth-authz-req\+jwt$/i.test(typ);
}

/**
 * What a signed authorization request must fulfil beside signature, `iss` and `aud`: a short life, no key of its
 * own, and nothing by which it would pass for a client assertion. https://www.rfc-editor.org/rfc/rfc9101#section-10.8
 *
 * @throws errors.InvalidRequestObject
 */
export function checkRequestObject(claims: unknown, header: unknown, client: EngineClient): void {
  // Made by this server of a pushed request.
  if ((header as Json).alg === 'none') return;
  const { exp, sub } = claims as Json;
  if (typeof exp !== 'number' || exp > Date.now() / 1000 + longest + clockSkew) {
    throw new errors.InvalidRequestObject(`exp must be at most ${longest / 60} minutes ahead`);
  }
  if (bringsKey(header, traitsOf(client).jwksUri)) {
    throw new errors.InvalidRequestObject('keys come from the registration, not from the request object');
  }
  if (sub === client.clientId) throw new errors.InvalidRequestObject('sub must not be the client_id');
}
