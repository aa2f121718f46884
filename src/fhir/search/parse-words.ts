import { splitUnescaped, unescapeValue } from './escaping.js';
import type { SearchExpression, WordTest } from './query.js';
import { invalidValue, tooComplex, unsupportedModifier, unsupportedParameter } from './search-errors.js';
import type { SearchLimits } from './search-limits.js';
import type { ValueContext } from './value-context.js';
import { pairsOf, termOf, visitStretches } from './text/words.js';

/** Terms of one parameter. */
const MAX_TERMS = 32;
const expected = 'words, all of which must be there; OR between alternatives, * behind the start of a word';

/**
 * `_text` and `_content`. Words with white space between them must all be there; `OR`, or a comma, separates
 * alternatives; `word*` is the start of a word. Source: FHIR R4 search.html#content, which leaves it to servers.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_…`
 */
export function parseWords(context: ValueContext, value: string, limits: SearchLimits): SearchExpression {
  const { name, parameter, modifier, text: index } = context;
  const on = parameter.code === '_text' ? 'text' : 'content';
  if (index === 'none' || (index === 'narrative' && on === 'content')) {
    throw unsupportedParameter(name, 'words are not indexed here (FIREKEEP_TEXT_INDEX).');
  }
  if (modifier !== undefined) throw unsupportedModifier(name, 'this parameter has none.');
  if (value.length > limits.valueLength) {
    throw tooComplex(`has a value of more than ${limits.valueLength} characters`);
  }
  const anyOf = splitUnescaped(value, ',').flatMap((part) => alternatives(name, part));
  if (anyOf.reduce((count, all) => count + all.length, 0) > MAX_TERMS) {
    throw tooComplex(`has more than ${MAX_TERMS} words in "${name}"`);
  }
  return { kind: 'words', on, anyOf };
}

function alternatives(name: string, part: string): WordTest[][] {
  const text = unescapeValue(part);
  if (text === undefined) throw invalidValue(name, part, expected);
  if (text.includes('"')) {
    throw invalidValue(name, part, `${expected}; phrases are not known, leave the quotation marks out`);
  }
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.includes('NOT') || words.includes('AND')) {
    throw invalidValue(name, part, `${expected}; OR is the only operator`);
  }
  const groups: string[][] = [[]];
  for (const word of words) {
    if (word === 'OR') groups.push([]);
    else groups.at(-1)?.push(word);
  }
  return groups.map((group) => {
    const tests = group.flatMap((word) => testsOf(name, word));
    if (tests.length === 0) throw invalidValue(name, part, expected);
    return tests;
  });
}

function testsOf(name: string, word: string): WordTest[] {
  const isStart = word.endsWith('*');
  const plain = isStart ? word.slice(0, -1) : word;
  const stretches: { readonly text: string; readonly isContinuous: boolean }[] = [];
  visitStretches(plain, (text, isContinuous) => stretches.push({ text, isContinuous }));
  if (plain.includes('*') || stretches.length === 0) throw invalidValue(name, word, expected);
  return stretches.flatMap(({ text, isContinuous }, n): WordTest[] => {
    if (!isContinuous) return [{ term: termOf(text), prefix: isStart && n === stretches.length - 1 }];
    const pairs = pairsOf(text);
    // A character alone starts the pair that it is part of.
    return pairs.length === 0
      ? [{ term: text, prefix: true }]
      : pairs.map((term) => ({ term, prefix: false }));
  });
}
