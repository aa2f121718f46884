import type { SearchParameter } from '../definitions/index.js';
import { parameterOf } from './canonical-tests.js';
import { derivedCode } from './derived-values.js';
import type { Lookup, ParameterTest, SearchedType, SearchExpression } from './query.js';
import { unsupportedModifier } from './search-errors.js';
import type { ValueContext } from './value-context.js';
import { parseCompositeTest } from './values/composite.value.js';
import { parseReferenceTest, parseRelative } from './values/reference.value.js';
import { parseStringTest } from './values/string.value.js';
import { parseSimpleTest } from './values/simple.value.js';
import {
  parseConceptLookup,
  parseOfTypeTest,
  parseTokenTest,
  parseValueSetLookup,
} from './values/token.value.js';
import { parseUriTests } from './values/uri.value.js';

const known: Readonly<Record<SearchedType, string>> = {
  token: ':not, :text, :in, :not-in, :above, :below, :of-type and :missing are known here.',
  string: ':exact, :contains and :missing are known here.',
  reference: 'a resource type, :identifier, :above, :below and :missing are known here.',
  uri: ':above, :below and :missing are known here.',
  date: ':missing is known here.',
  number: ':missing is known here.',
  quantity: ':missing is known here.',
  composite: ':missing is known here.',
};

/**
 * Alternatives of a parameter under its modifier, `:missing` excepted. Source: FHIR R4 search.html#modifiers.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_UNSUPPORTED_MODIFIER`, `FHIR_SEARCH_INVALID_VALUE`
 */
export function parseModified(
  context: ValueContext,
  type: SearchedType,
  texts: readonly string[],
): SearchExpression {
  const { modifier } = context;
  const read = (one: (text: string) => ParameterTest): SearchExpression =>
    parameter(context.parameter.code, type, texts.map(one));
  if (modifier === undefined) {
    const tests = texts.map((text) => parsePlain(type, context, text));
    return parameterOf(context.name, context.parameter.code, type, tests);
  }
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

function parsePlain(type: SearchedType, context: ValueContext, text: string): ParameterTest {
  return type === 'composite' ? parseCompositeTest(context, text) : parseSimpleTest(type, context, text);
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
    case 'in':
      return lookup(
        searched.code,
        'token',
        texts.map((text) => parseValueSetLookup(name, text)),
      );
    case 'not-in':
      return {
        kind: 'not',
        operand: lookup(
          searched.code,
          'token',
          texts.map((text) => parseValueSetLookup(name, text)),
        ),
      };
    case 'above':
    case 'below':
      return lookup(
        searched.code,
        'token',
        texts.map((text) => parseConceptLookup(name, modifier, text)),
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
      return relatives(context, modifier, texts);
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

function relatives(
  context: ValueContext,
  relation: 'above' | 'below',
  texts: readonly string[],
): SearchExpression {
  const { code } = context.parameter;
  const found = texts.map((text) => parseRelative(context, relation, text));
  const tests = found.flatMap((one) => ('tests' in one ? one.tests : []));
  const lookups = found.flatMap((one) => ('lookup' in one ? one.lookup : []));
  if (lookups.length === 0) return parameter(code, 'reference', tests);
  const parts = lookup(code, 'reference', lookups);
  return tests.length === 0 ? parts : { kind: 'or', operands: [parameter(code, 'reference', tests), parts] };
}

function requireTarget(name: string, { code, targets }: SearchParameter, type: string): void {
  if (targets.includes(type)) return;
  throw unsupportedModifier(name, `"${code}" refers to ${targets.slice(0, 20).join(', ')}.`);
}

function parameter(code: string, type: SearchedType, anyOf: readonly ParameterTest[]): SearchExpression {
  return { kind: 'parameter', code, type, anyOf };
}

function lookup(code: string, type: 'token' | 'reference', anyOf: readonly Lookup[]): SearchExpression {
  return { kind: 'lookup', code, type, anyOf };
}
