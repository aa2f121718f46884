import type { ParameterName } from './parameter-name.js';
import { unsupportedParameter } from './search-errors.js';

/** Parameters of FHIR that change which resources an answer holds and are not evaluated. */
const reasons: Readonly<Record<string, string>> = {
  _filter: 'a filter has no modifier and stands at the end of no chain.',
  _query: 'there are no named queries.',
  _type: 'this search is of the one type in its address.',
  _containedType: 'contained resources are not searched.',
  _score: 'matches have no score.',
};

/** Refuses what must not be left out in silence. `_contained=false` says what happens anyway. */
export function refuseUnsupported({ code }: Pick<ParameterName, 'code'>, name: string, value: string): void {
  const reason = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (reason !== undefined) throw unsupportedParameter(name, reason);
  if (code === '_contained' && value !== 'false') {
    throw unsupportedParameter(name, 'contained resources are not searched; only false is known here.');
  }
}
