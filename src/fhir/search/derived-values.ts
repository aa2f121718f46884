import { normalizeString } from './extraction/normalize-string.js';
import type {
  CompositeValue,
  IndexValue,
  ParameterValues,
  ReferenceValue,
  TokenValue,
} from './index-values.js';

/**
 * What some modifiers search instead of the value itself, under a code of its own (`code:text`):
 * - `text`: strings, the texts of tokens;
 * - `of-type`: tokens, an identifier's type and value in one code, with the system of the type;
 * - `identifier`: tokens, the identifiers of references.
 */
export type DerivedModifier = 'text' | 'of-type' | 'identifier';

export interface DerivedValue {
  readonly modifier: DerivedModifier;
  readonly value: IndexValue;
}

export function derivedCode(code: string, modifier: DerivedModifier): string {
  return `${code}:${modifier}`;
}

/** The code of an `of-type` value. A bar in the type's code is escaped, so that no two pairs have one code. */
export function ofTypeCode(typeCode: string, value: string): string {
  return `${typeCode.replace(/[\\|]/g, '\\$&')}|${value}`;
}

/** What the modifiers of a value search. Source: FHIR R4 search.html#modifiers. */
export function derivedValues(value: IndexValue): readonly DerivedValue[] {
  if (value.type === 'token') return ofToken(value);
  return value.type === 'reference' ? ofReference(value) : none;
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
    .flatMap((value) => (value.type === 'composite' ? none : derivedValues(value)))
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

function token(system: string | null, code: string): TokenValue {
  return { type: 'token', system, code, text: null, caseSensitive: true };
}
