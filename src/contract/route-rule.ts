import type { Interaction } from './interaction.js';

/** What a request to an endpoint must bring. */
export type CheckMode = 'bearer' | 'basic-and-bearer' | 'basic' | 'open';

/** Metadata key under which a FHIR route declares its rule: `SetMetadata(ACCESS_RULE, rule)`. A route without one fails at boot. */
export const ACCESS_RULE = 'firekeep:access-rule';

export type AccessRule =
  /** Anyone may call it: metadata and discovery documents. */
  | { readonly kind: 'public' }
  /** Authenticated by the endpoint's check mode; each entry is authorised by its executor. */
  | { readonly kind: 'per-entry'; readonly interaction: Interaction }
  /** Authenticated and authorised; type and id come from the route parameters `type` and `id`. */
  | { readonly kind: 'interaction'; readonly interaction: Interaction };

/** The rule of a route that is guarded. */
export type GuardedRule = Exclude<AccessRule, { readonly kind: 'public' }>;
