import { normalizeString } from './text/normalize-string.js';
import type {
  CompositeValue,
  IndexValue,
  NumberValue,
  ParameterValues,
  QuantityValue,
  ReferenceValue,
  TokenValue,
} from './index-values.js';

/**
 * What some modifiers search instead of the value itself, under a code of its own (`code:text`):
 * - `text`: strings, the texts of tokens;
 * - `of-type`: tokens, an identifier's type and value in one code, with the system of the type;
 * - `identifier`: tokens, the identifiers of references.
 *
 * And what searches of numbers look at beside the values:
 * - `canonical`: quantities in the base units of UCUM, and composites of them;
 * - `open`, `canonical-open`: numbers and quantities that reach without end to a side (`<5`), once more, so that they
 *   are found without reading all others.
 */
export type DerivedModifier = 'text' | 'of-type' | 'identifier' | 'canonical' | 'open' | 'canonical-open';

export interface DerivedValue {
  readonly modifier: DerivedModifier;
  readonly value: IndexValue | CompositeValue;
}

export function derivedCode(code: string, modifier: DerivedModifier): string {
  return `${code}:${modifier}`;
}

/** Where the open ends of the values of a parameter of numbers stand once more. */
export function openCode(code: string): string {
  return code.endsWith(':canonical') ? `${code}-open` : derivedCode(code, 'open');
}

/** The code of an `of-type` value. A bar in the type's code is escaped, so that no two pairs have one code. */
export function ofTypeCode(typeCode: string, value: string): string {
  return `${typeCode.replace(/[\\|]/g, '\\$&')}|${value}`;
}

/** What the modifiers of a value search. Source: FHIR R4 search.html#modifiers. */
export function derivedValues(value: IndexValue | CompositeValue): readonly DerivedValue[] {
  switch (value.type) {
    case 'token':
      return ofToken(value);
    case 'reference':
      return ofReference(value);
    case 'number':
    case 'quantity':
      return ofNumber(value);
    case 'composite':
      return ofComposite(value);
    default:
      return none;
  }
}

/**
 * The values of a parameter of a resource: those that are there under the code, else, for the code of a modifier,
 * those that follow from them.
 */
export function valuesOfCode(
  values: readonly ParameterValues[],
  code: string,
): readonly (IndexValue | CompositeValue)[] {
  const own = values.find((parameter) => parameter.code === code);
  if (own !== undefined) return own.values;
  const colon = code.lastIndexOf(':');
  if (colon < 1) return [];
  const base = values.find((parameter) => parameter.code === code.slice(0, colon))?.values ?? [];
  return base
    .flatMap(derivedValues)
    .filter(({ modifier }) => modifier === code.slice(colon + 1))
    .map(({ value }) => value);
}

const none: readonly DerivedValue[] = [];

function ofToken({ code, text, ofType }: TokenValue): readonly DerivedValue[] {
  if (text === null && ofType === undefined) return none;
  const derived: DerivedValue[] = [];
  const normalized = text === null ? '' : normalizeString(text);
  if (text !== null && normalized !== '') {
    derived.push({ modifier: 'text', value: { type: 'string', exact: text, normalized } });
  }
  if (code === null) return derived;
  for (const type of ofType ?? []) {
    derived.push({ modifier: 'of-type', value: token(type.system, ofTypeCode(type.code, code)) });
  }
  return derived;
}

function ofReference({ identifier }: ReferenceValue): readonly DerivedValue[] {
  if (identifier === null) return none;
  return [{ modifier: 'identifier', value: token(identifier.system, identifier.value) }];
}

/** Beyond this an end of a range is open. */
const OPEN = 1e308;

function ofNumber(value: NumberValue | QuantityValue): readonly DerivedValue[] {
  const isOpen = value.low <= -OPEN || value.high >= OPEN;
  const canonical = value.type === 'quantity' ? canonicalOf(value) : undefined;
  if (!isOpen && canonical === undefined) return none;
  const derived: DerivedValue[] = isOpen ? [{ modifier: 'open', value }] : [];
  if (canonical === undefined) return derived;
  derived.push({ modifier: 'canonical', value: canonical });
  if (isOpen) derived.push({ modifier: 'canonical-open', value: canonical });
  return derived;
}

function canonicalOf({ system, canonical }: QuantityValue): QuantityValue | undefined {
  return canonical === undefined ? undefined : { type: 'quantity', ...canonical, system, unit: null };
}

function ofComposite({ components }: CompositeValue): readonly DerivedValue[] {
  if (!components.some((component) => component.type === 'quantity' && component.canonical)) return none;
  const converted = components.map((component) =>
    component.type === 'quantity' ? (canonicalOf(component) ?? component) : component,
  );
  return [{ modifier: 'canonical', value: { type: 'composite', components: converted } }];
}

function token(system: string | null, code: string): TokenValue {
  return { type: 'token', system, code, text: null, caseSensitive: true };
}
