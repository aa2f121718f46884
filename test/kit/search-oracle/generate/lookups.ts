import fc from 'fast-check';
import type { Token } from '../tokens.js';
import { escape } from '../query-text.js';
import { systemsOfSets, systemsWithConcepts, valueSetIds, valueSetUrl } from './terminologies.js';
import { codes, pick } from './vocabulary.js';

/** Whether a lookup may find the token. */
export function isInTerminologies({ system, code }: Token): boolean {
  return system !== undefined && code !== undefined && systemsOfSets.includes(system);
}

/** A value set of the world, by its URL or as a resource. */
export const valueSetText: fc.Arbitrary<string> = fc
  .tuple(pick(...valueSetIds), fc.boolean())
  .map(([id, isUrl]) => (isUrl ? valueSetUrl(id) : `ValueSet/${id}`));

/** `system|code` of a system with a hierarchy. */
export const conceptText: fc.Arbitrary<string> = fc
  .tuple(pick(...systemsWithConcepts), pick(...codes))
  .map((parts) => parts.map(escape).join('|'));
