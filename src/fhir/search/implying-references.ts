import type { Definitions, SearchParameter } from '../definitions/index.js';
import { leadsOnlyTo, leadsWithin, type ReferenceRoute } from './extraction/index.js';

/** A condition of the form `code=Type/id`, or, where it isn't typed, `code=id`. */
export interface ImplyingReference {
  readonly code: string;
  readonly typed: boolean;
}

const known = new WeakMap<SearchParameter, Map<string, readonly ImplyingReference[]>>();

/**
 * What else a search may say of a resource that makes it certain that the parameter refers to the target: `patient` is
 * `subject` as far as it refers to Patients, so that none has Patient/1 as `patient` that doesn't have it as `subject`.
 *
 * @param code a reference parameter of the type; of one that is not the server's own nothing is certain
 */
export function implyingReferences(
  code: string,
  route: ReferenceRoute,
  definitions: Definitions,
): readonly ImplyingReference[] {
  const parameter = definitions.searchParameter(route.of, code);
  if (parameter === undefined) return [];
  const routes = known.get(parameter) ?? new Map<string, readonly ImplyingReference[]>();
  known.set(parameter, routes);
  const key = `${route.of} ${route.to}`;
  const found = routes.get(key) ?? find(parameter, route, definitions);
  routes.set(key, found);
  return found;
}

function find(
  parameter: SearchParameter,
  route: ReferenceRoute,
  definitions: Definitions,
): readonly ImplyingReference[] {
  return definitions.includes(route.of).flatMap((other): ImplyingReference[] => {
    if (!leadsWithin(other, parameter, route, definitions)) return [];
    const { code } = other;
    return [
      ...(code === parameter.code ? [] : [{ code, typed: true }]),
      ...(leadsOnlyTo(other, route, definitions) ? [{ code, typed: false }] : []),
    ];
  });
}
