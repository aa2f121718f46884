import type { SearchParameterPair } from '../../search/parse-search.js';
import type { SearchExpression, SearchQuery } from '../../search/query.js';
import type { OperationParameter } from '../fhir-operation.js';
import { invalidParameter } from '../operation-parameters.js';

export const lastnParameters: readonly OperationParameter[] = [
  {
    name: 'max',
    type: 'positiveInt',
    documentation: 'Observations of each group, from 1; without it one.',
  },
  {
    name: 'patient',
    type: 'string',
    searchType: 'reference',
    documentation: 'Whose observations; this or subject must be there, as every search parameter may be.',
  },
  {
    name: 'subject',
    type: 'string',
    searchType: 'reference',
    documentation: 'Whose observations; this or patient must be there.',
  },
  {
    name: 'category',
    type: 'string',
    searchType: 'token',
    documentation: 'Which observations; this, or a parameter on a code (code, combo-code, …), must be there.',
  },
  {
    name: 'code',
    type: 'string',
    searchType: 'token',
    documentation: 'Which observations; this, another on a code or category.',
  },
  {
    name: 'date',
    type: 'string',
    searchType: 'date',
    documentation: 'When; further search parameters of Observation as in a search.',
  },
  {
    name: '_count',
    type: 'integer',
    documentation: 'Observations a page, groups not parted; without it as many as a page may have.',
  },
  { name: '_page', type: 'string', documentation: 'A page behind the first, as a link named it.' },
];

/** Parameters by which observations are chosen of a subject. */
const bySubject = ['subject', 'patient'];
/** Source: FHIR R4 observation-operation-lastn.html: category, or a parameter that includes a code. */
const isOfCode = (code: string): boolean => code === 'category' || /(?:^|-)code(?:-|$)/.test(code);
/** Modifiers by which a parameter says which codes are not meant, or that there is any or none. */
const negative: readonly string[] = ['missing', 'not', 'not-in'];
/** Parameters of searches that this answer has no place for. */
const shapes = ['_include', '_revinclude', '_sort', '_total', '_contained', '_explain', '_summary'];

/**
 * What is asked for beside the search: how many of each group.
 *
 * @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER`
 */
export function readMost(text: string | undefined, maximum: number): number {
  if (text === undefined) return 1;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
    throw invalidParameter('max', 'must be a whole number from 1.');
  return Math.min(Number(text), maximum);
}

/** @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER` where a subject or a code is missing, or a parameter is none of it */
export function requireScope(parameters: readonly SearchParameterPair[]): void {
  const codes = parameters.filter(([, value]) => value !== '').map(([name]) => codeOf(name));
  const shape = codes.find((code) => shapes.includes(code));
  if (shape !== undefined) throw invalidParameter(shape, 'is not for this operation.');
  if (!parameters.some(([name, value]) => value !== '' && namesSubject(name))) {
    throw invalidParameter('patient', 'is missing: whose observations is said by patient or subject.');
  }
  if (!parameters.some(([name, value]) => value !== '' && namesCode(name))) {
    throw invalidParameter(
      'category',
      'is missing: which observations is said by category, or by a parameter on a code.',
    );
  }
}

/**
 * Whether the parameter says whose: by a reference (`subject`, `subject:Patient`, `subject:identifier`), or by a chain
 * that ends in what the subject has. `:missing=false` and `:not` are about nobody.
 */
function namesSubject(name: string): boolean {
  const [first = '', ...chain] = name.split('.');
  const [code = '', ...modifiers] = first.split(':');
  return (
    bySubject.includes(code) &&
    modifiers.every((one) => isTypeName(one) || (one === 'identifier' && chain.length === 0)) &&
    chain.every((one) =>
      one
        .split(':')
        .slice(1)
        .every((modifier) => isTypeName(modifier) || positive.includes(modifier)),
    )
  );
}

/** Whether the parameter says which codes are meant. */
function namesCode(name: string): boolean {
  const [first = ''] = name.split('.');
  const [code = '', ...modifiers] = first.split(':');
  return isOfCode(code) && !modifiers.some((one) => negative.includes(one));
}

const isTypeName = (text: string): boolean => /^[A-Z][A-Za-z]+$/.test(text);
/** Modifiers at the end of a chain by which something still is named. */
const positive: readonly string[] = ['exact', 'contains', 'identifier', 'of-type'];

/**
 * The answer is observations: their count alone is refused.
 *
 * @param shaping what shapes the answer, of the query
 * @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER`
 */
export function requireEntries(shaping: readonly SearchParameterPair[]): void {
  if (shaping.some(([name, value]) => name === '_summary' && value === 'count'))
    throw invalidParameter('_summary', 'is not "count" here: this operation answers observations.');
}

/** `patient` of `patient:Patient.name`. */
function codeOf(name: string): string {
  return /^[^:.]*/.exec(name)?.[0] ?? name;
}

/**
 * The query with the condition on one subject in front, by which all its observations are gathered; where there is no
 * such condition, whichever is rarest does.
 */
export function startingWithSubject(query: SearchQuery): {
  readonly query: SearchQuery;
  readonly gathersFirst: boolean;
} {
  const { single: _single, ...rest } = query;
  const subject = query.filter.find(isOneSubject);
  if (subject === undefined) return { query, gathersFirst: false };
  const others = query.filter.filter((one) => one !== subject);
  return { query: { ...rest, filter: [subject, ...others] }, gathersFirst: true };
}

function isOneSubject(expression: SearchExpression): boolean {
  if (expression.kind !== 'parameter' || !bySubject.includes(expression.code)) return false;
  const [test, ...others] = expression.anyOf;
  return test?.type === 'reference' && test.targetId !== undefined && others.length === 0;
}
