import type { SearchParameter } from '../definitions/index.js';
import { isAnswered } from '../search/answered-parameters.js';
import type { TextIndex } from '../search/text/text-index.js';

/** Search parameter types that searches evaluate. */
const evaluatedTypes: ReadonlySet<string> = new Set([
  'token',
  'string',
  'date',
  'number',
  'quantity',
  'composite',
  'reference',
  'uri',
]);

/** What searches evaluate; not a parameter that they refuse since the index is incomplete for it. */
export function isEvaluated(parameter: SearchParameter): boolean {
  const { type, expression, usage } = parameter;
  const isEvaluatedType = evaluatedTypes.has(type) ? usage === 'normal' : usage === 'nearby';
  return isEvaluatedType && expression !== null && isAnswered(parameter);
}

/** What searches evaluate by the index of words. @param textIndex which words are indexed */
export function isOfWords({ code }: SearchParameter, textIndex: TextIndex): boolean {
  return code === '_text' ? textIndex !== 'none' : code === '_content' && textIndex === 'all';
}
