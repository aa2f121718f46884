/**
 * Members of tokens, of their introspection, and of the answers that they stand in, which mean something to Firekeep or
 * to those who read its tokens: RFC 7519, RFC 7662, RFC 9068, OpenID Connect Core, SMART App Launch.
 */
const reserved = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'typ', 'cnf', 'act', 'may_act', 'events', 'sub_id'],
  ...['active', 'scope', 'client_id', 'username', 'token_type', 'token_introspection'],
  ...['azp', 'nonce', 'acr', 'amr', 'auth_time', 'at_hash', 'c_hash', 's_hash', 'rt_hash', 'sid', 'sub_jwk'],
  ...['_claim_names', '_claim_sources', 'preferred_username', 'subject_type'],
  ...['access_token', 'refresh_token', 'id_token', 'expires_in', 'error', 'error_description', 'error_uri'],
  ...['fhirUser', 'profile', 'patient', 'encounter', 'fhirContext', 'intent', 'tenant', 'launch'],
  ...['need_patient_banner', 'smart_style_url', 'authorization_details'],
  ...['__proto__', 'constructor', 'prototype'],
]);

/** Whether an extension may give a claim of this name. */
export function isReservedClaim(name: string): boolean {
  return reserved.has(name);
}
