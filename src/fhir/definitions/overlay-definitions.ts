import type { Definitions, InboundReference } from './definitions.js';
import type { SearchParameter } from './search-parameter.js';

/**
 * Definitions with further search parameters.
 *
 * @param parameters all parameters of the types that have further ones, by type; may grow
 * @param byUrl the further ones by canonical URL
 */
export function overlayDefinitions(
  base: Definitions,
  parameters: ReadonlyMap<string, readonly SearchParameter[]>,
  byUrl: ReadonlyMap<string, SearchParameter>,
): Definitions {
  const inbound = (target: string): InboundReference[] =>
    [...parameters].flatMap(([type, list]) => {
      const known = new Set(base.searchParameters(type));
      return list
        .filter((one) => !known.has(one) && one.type === 'reference' && one.targets.includes(target))
        .map((parameter) => ({ type, parameter }));
    });
  return {
    ...base,
    searchParameters: (type) => parameters.get(type) ?? base.searchParameters(type),
    searchParameter: (type, code) =>
      parameters.get(type)?.find((one) => one.code === code) ?? base.searchParameter(type, code),
    searchParameterByUrl: (url) => byUrl.get(url) ?? base.searchParameterByUrl(url),
    includes: (type) =>
      parameters.get(type)?.filter((one) => one.type === 'reference') ?? base.includes(type),
    revincludes: (target) => [...base.revincludes(target), ...inbound(target)],
  };
}
