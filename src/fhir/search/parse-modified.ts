import type { SearchParameter } from '../definitions/index.js';
import { derivedCode } from './derived-values.js';
import type { IndexedType } from './index-values.js';
import type { ParameterTest, SearchExpression } from './query.js';
import { unsupportedModifier } from './search-errors.js';
import type { ValueContext } from './value-context.js';
import { parseDateTest } from './values/date.value.js';
import { parseNumberTest } from './values/number.value.js';
import { parseQuantityTest } from './values/quantity.value.js';
import { parseReferenceTest, parseVersionTests } from './values/reference.value.js';
import { parseStringTest } from './values/string.value.js';
import { parseOfTypeTest, parseTokenTest } from './values/token.value.js';
import { parseUriTest, parseUriTests } from './values/uri.value.js';

const parsers: Readonly<Record<IndexedType, (context: ValueContext, text: string) => ParameterTest>> = {
  token: ({ name }, text) => parseTokenTest(name, text),
  string: parseStringTest,
  date: ({ name, zone }, text) => parseDateTest(name, text, zone),
  number: ({ name }, text) => parseNumberTest(name, text),
  quantity: ({ name }, text) => parseQuantityTest(name, text),
  reference: parseReferenceTest,
  uri: ({ name }, text) => parseUriTest(name, text),
};

const known: Readonly<Record<IndexedType, string>> = {
  token: ':not, :text, :of-type and :missing are known here.',
  string: ':exact, :contains and :missing are known here.',
  reference: 'a resource type, :identifier, :above, :below and :missing are known here.',
  uri: ':above, :below and :missing are known here.',
  date: ':missing is known here.',
  number: ':missing is known here.',
  quantity: ':missing is known here.',
};

/**
 * Alternatives of a parameter under its modifier, `:missing` excepted. Source: FHIR R4 search.html#modifiers.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_UNSUPPORTED_MODIFIER`, `FHIR_SEARCH_INVALID_VALUE`
 */
export function parseModified(
  context: ValueContext,
  type: IndexedType,
  texts: readonly string[],
): SearchExpression {
  const { modifier } = context;
  const read = (one: (text: string) => ParameterTest): SearchExpression =>
    parameter(context.parameter.code, type, texts.map(one));
  if (modifier === undefined) return read((text) => parsers[type](context, text));
  const expression =
    type === 'token'
      ? tokenModifier(context, texts)
      : type === 'string' && (modifier === 'exact' || modifier === 'contains')
        ? read((text) => parseStringTest(context, text))
        : type === 'reference'
          ? referenceModifier(context, texts)
          : type === 'uri' && (modifier === 'above' || modifier === 'below')
            ? parameter(
                context.parameter.code,
                type,
                texts.flatMap((text) => parseUriTests(context.name, modifier, text)),
              )
            : undefined;
  if (expression === undefined) throw unsupportedModifier(context.name, known[type]);
  return expression;
}

/** Source: FHIR R4 search.html#token. */
function tokenModifier(context: ValueContext, texts: readonly string[]): SearchExpression | undefined {
  const { name, parameter: searched, modifier } = context;
  switch (modifier) {
    case 'not':
      return {
        kind: 'not',
        operand: parameter(
          searched.code,
          'token',
          texts.map((text) => parseTokenTest(name, text)),
        ),
      };
    case 'text':
      return parameter(
        derivedCode(searched.code, 'text'),
        'string',
        texts.map((text) => parseStringTest(context, text)),
      );
    case 'of-type':
      return parameter(
        derivedCode(searched.code, 'of-type'),
        'token',
        texts.map((text) => parseOfTypeTest(name, text)),
      );
    default:
      return undefined;
  }
}

/** Source: FHIR R4 search.html#reference. */
function referenceModifier(context: ValueContext, texts: readonly string[]): SearchExpression | undefined {
  const { name, parameter: searched, modifier, definitions } = context;
  switch (modifier) {
    case undefined:
      return undefined;
    case 'identifier':
      return parameter(
        derivedCode(searched.code, 'identifier'),
        'token',
        texts.map((text) => parseTokenTest(name, text)),
      );
    case 'above':
    case 'below':
      return parameter(
        searched.code,
        'reference',
        texts.flatMap((text) => parseVersionTests(context, modifier, text)),
      );
    default:
      if (!definitions.isResourceType(modifier)) return undefined;
      requireTarget(name, searched, modifier);
      return parameter(
        searched.code,
        'reference',
        texts.map((text) => parseReferenceTest(context, text)),
      );
  }
}

function requireTarget(name: string, { code, targets }: SearchParameter, type: string): void {
  if (targets.includes(type)) return;
  throw unsupportedModifier(name, `"${code}" refers to ${targets.slice(0, 20).join(', ')}.`);
}

function parameter(code: string, type: IndexedType, anyOf: readonly ParameterTest[]): SearchExpression {
  return { kind: 'parameter', code, type, anyOf };
}
