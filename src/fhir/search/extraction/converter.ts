import type { Definitions, SearchParameterType } from '../../definitions/index.js';
import { dateConverter } from './date.converter.js';
import { numberConverter } from './number.converter.js';
import { positionConverter } from './position.converter.js';
import { quantityConverter } from './quantity.converter.js';
import { referenceConverter } from './reference.converter.js';
import { stringConverter } from './string.converter.js';
import { tokenConverter } from './token.converter.js';
import { uriConverter } from './uri.converter.js';
import type { Target, Visit } from './visit.js';

/**
 * The last step of a parameter: from values of a static type to index values of its search type. Undefined
 * where the search type has no meaning for the datatype; such a fork of an expression is left out.
 */
export function converterFor(
  parameter: { readonly type: SearchParameterType; readonly targets: readonly string[] },
  target: Target,
  definitions: Definitions,
): Visit | undefined {
  switch (parameter.type) {
    case 'token':
      return tokenConverter(target, definitions);
    case 'string':
      return stringConverter(target);
    case 'date':
      return dateConverter(target);
    case 'number':
      return numberConverter(target);
    case 'quantity':
      return quantityConverter(target);
    case 'reference':
      return referenceConverter(target, parameter.targets, definitions);
    case 'uri':
      return uriConverter(target);
    case 'special':
      return positionConverter(target);
    case 'composite':
      return undefined;
  }
}
