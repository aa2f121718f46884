import type { Definitions, SearchParameter } from '../../definitions/index.js';
import { selectionOf } from '../../search/extraction/index.js';

/**
 * Whether the server has a parameter anyway: of the same code and type, and selecting the same elements of the
 * resource type. Implementation guides define many of FHIR R4's parameters once more under urls of their own.
 */
export function isBuiltIn(
  {
    code,
    type,
    expression,
    components,
  }: Pick<SearchParameter, 'code' | 'type' | 'expression' | 'components'>,
  base: string,
  definitions: Definitions,
): boolean {
  const known = definitions.searchParameter(base, code);
  if (known?.type !== type || known.expression === null || expression === null) return false;
  if (JSON.stringify(known.components) !== JSON.stringify(components)) return false;
  try {
    return selectionOf(known.expression, definitions, base) === selectionOf(expression, definitions, base);
  } catch {
    return false;
  }
}
