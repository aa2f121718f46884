import { loadDefinitions } from '../definitions/index.js';
import { otherReferences } from '../search/extraction/index.js';
import type { ReferrerParameter } from './sql/referential-integrity.js';

const known = new Map<string, readonly ReferrerParameter[]>();

/** The search parameters that hold references to resources of a type, and those for references without one. */
export function referrersOf(type: string): readonly ReferrerParameter[] {
  const found = known.get(type);
  if (found !== undefined) return found;
  const definitions = loadDefinitions();
  // A record of what was done to a resource must not keep it from being deleted.
  const isRecord = (source: string): boolean => source === 'AuditEvent';
  const parameters = [
    ...definitions
      .revincludes(type)
      .filter(({ type: source }) => !isRecord(source))
      .map(({ type: source, parameter }) => ({ type: source, code: parameter.code })),
    ...definitions.resourceTypes
      .filter((source) => !isRecord(source))
      .map((source) => ({ type: source, code: otherReferences })),
  ];
  if (definitions.isResourceType(type)) known.set(type, parameters);
  return parameters;
}
