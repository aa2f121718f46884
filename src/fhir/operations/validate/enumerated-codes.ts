import type { ValueSetExpansion } from '../../definitions/index.js';
import type { JsonObject } from '../../format/parsed-resource.js';

/**
 * The codes of a ValueSet that lists them itself: in its expansion, or system by system.
 * Source: FHIR R4 valueset.html.
 *
 * @returns undefined where other value sets, filters or exclusions decide
 */
export function enumeratedCodes({ compose, expansion }: JsonObject): ValueSetExpansion | undefined {
  const expanded = objectOf(expansion);
  if (Array.isArray(expanded?.contains) && expanded.offset === undefined)
    return ofExpansion(expanded.contains);
  const { include, exclude } = objectOf(compose) ?? {};
  if (!Array.isArray(include) || (Array.isArray(exclude) && exclude.length > 0)) return undefined;
  const codes = new Map<string, Set<string> | null>();
  for (const one of include) {
    const { system, concept, filter, valueSet } = objectOf(one) ?? {};
    if (typeof system !== 'string' || filter !== undefined || valueSet !== undefined) return undefined;
    if (Array.isArray(concept)) for (const { code } of concept.map(coded)) add(codes, system, code);
    else codes.set(system, null);
  }
  return codes;
}

function ofExpansion(contains: readonly unknown[]): ValueSetExpansion {
  const codes = new Map<string, Set<string> | null>();
  const waiting = [...contains];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { system, code, contains: inner, abstract } = objectOf(next) ?? {};
    if (typeof system === 'string' && abstract !== true) add(codes, system, code);
    if (Array.isArray(inner)) waiting.push(...(inner as unknown[]));
  }
  return codes;
}

function add(codes: Map<string, Set<string> | null>, system: string, code: unknown): void {
  const known = codes.get(system);
  if (typeof code !== 'string' || known === null) return;
  if (known === undefined) codes.set(system, new Set([code]));
  else known.add(code);
}

function coded(concept: unknown): JsonObject {
  return objectOf(concept) ?? {};
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
