import { derivedCode } from './derived-values.js';
import type { CompositeTest, ParameterTest, SearchedType, SearchExpression, SimpleTest } from './query.js';
import { invalidValue } from './search-errors.js';
import { canonicalQuantity } from './units/canonical-quantity.js';

/**
 * Alternatives of a parameter, those with a unit of UCUM as tests of values in base units, so that mg find what
 * was measured in g. Source: FHIR R4 search.html#quantity.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_INVALID_VALUE` for a composite that is partly of such units
 */
export function parameterOf(
  name: string,
  code: string,
  type: SearchedType,
  tests: readonly ParameterTest[],
): SearchExpression {
  const pairs = tests.map((test) => ({ test, canonical: canonicalTest(name, test) }));
  const plain = pairs.filter(({ canonical }) => canonical === undefined).map(({ test }) => test);
  const canonical = pairs.flatMap((pair) => pair.canonical ?? []);
  const expression = (own: string, anyOf: readonly ParameterTest[]): SearchExpression => ({
    kind: 'parameter',
    code: own,
    type,
    anyOf,
  });
  if (canonical.length === 0) return expression(code, plain);
  const converted = expression(derivedCode(code, 'canonical'), canonical);
  return plain.length === 0 ? converted : { kind: 'or', operands: [expression(code, plain), converted] };
}

function canonicalTest(name: string, test: ParameterTest): ParameterTest | undefined {
  return test.type === 'composite' ? canonicalComposite(name, test) : canonicalSimple(test);
}

function canonicalSimple(test: SimpleTest): SimpleTest | undefined {
  if (test.type !== 'quantity') return undefined;
  const canonical = canonicalQuantity(test);
  return canonical === undefined ? undefined : { ...test, ...canonical };
}

function canonicalComposite(name: string, { components }: CompositeTest): CompositeTest | undefined {
  const quantities = components.filter(({ type }) => type === 'quantity');
  const converted = components.map(canonicalSimple);
  const count = converted.filter((test) => test !== undefined).length;
  if (count === 0) return undefined;
  if (count < quantities.length)
    throw invalidValue(name, '$', 'a unit of UCUM with every quantity, or with none');
  return { type: 'composite', components: components.map((test, n) => converted[n] ?? test) };
}
