import { splitUnescaped, unescapeValue } from '../escaping.js';
import type { SimpleTest } from '../query.js';
import { invalidValue } from '../search-errors.js';
import { parseComparison } from './number.value.js';

const expected = 'a quantity such as 5.4, gt5.4|http://unitsofmeasure.org|mg or 5.4||mg';

/**
 * `[prefix][number]|[system]|[code]`. Without a system the code may be the unit's code or its printed form.
 * Source: FHIR R4 search.html#quantity.
 */
export function parseQuantityTest(name: string, text: string): SimpleTest {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [number, system, code] = parts;
  const comparison = number === undefined ? undefined : parseComparison(number);
  if (comparison === undefined || parts.includes(undefined) || parts.length === 2 || parts.length > 3) {
    throw invalidValue(name, text, expected);
  }
  return {
    type: 'quantity',
    ...comparison,
    system: system === '' ? undefined : system,
    code: code === '' ? undefined : code,
  };
}
