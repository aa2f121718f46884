/*
 * The seam between the gate and the data. It imports nothing of other modules, so that `fhir` can be guarded without
 * knowing OAuth2 and `access` can guard without knowing FHIR storage.
 */

export type { Interaction } from './interaction.js';
export { ENTRY_GATE, type EntryGate, type GatedEntry } from './entry-gate.js';
export {
  ACCESS_POLICY,
  DENIED_REQUESTS,
  type AccessConstraint,
  type AccessDecision,
  type AccessDenial,
  type AccessPolicy,
  type AccessRequest,
  type BehindTheGate,
  type Criterion,
  type DeniedRequests,
  type PatientRelation,
} from './policy.js';
export { nobody, principalOf, setPrincipal, type Principal } from './principal.js';
export { ACCESS_RULE, type AccessRule, type CheckMode, type GuardedRule } from './route-rule.js';
export {
  LOCAL_ACCESS_TOKENS,
  type AccessTokenClaims,
  type LocalAccessTokens,
  type TokenRejection,
  type TokenVerification,
} from './tokens.js';
