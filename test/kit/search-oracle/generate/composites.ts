import fc from 'fast-check';
import { spansOf } from '../dates.js';
import { componentsOf, type Element } from '../elements.js';
import { publishedParameterAt, type PublishedParameter } from '../published.js';
import { hasMeasure } from '../quantities.js';
import { pointersOf } from '../references.js';
import { textsOf } from '../texts.js';
import { tokensOf } from '../tokens.js';
import { dateText, quantityText, referenceText, stringText, tokenText, writtenDates } from './values.js';
import { pick } from './vocabulary.js';

/**
 * `value$value`: of one element, and sometimes of two, which only belong together where the same values do.
 */
export function compositeText(
  { components }: PublishedParameter,
  elements: readonly Element[],
  bases: readonly string[],
): fc.Arbitrary<string> | undefined {
  const whole = elements
    .map((element) =>
      components.map(({ definition, expression }) =>
        textOf(publishedParameterAt(definition)?.type, componentsOf(element, expression), bases),
      ),
    )
    .filter((texts): texts is fc.Arbitrary<string>[] => !texts.includes(undefined));
  if (whole.length === 0) return undefined;
  return fc
    .tuple(pick(...whole), pick(...whole), pick(0, 0, 0, 1))
    .chain(([texts, other, mix]) =>
      fc.tuple(...texts.map((text, n) => (mix === 1 && n > 0 ? (other[n] ?? text) : text))),
    )
    .map((texts) => texts.join('$'));
}

function textOf(
  type: string | undefined,
  elements: readonly Element[],
  bases: readonly string[],
): fc.Arbitrary<string> | undefined {
  switch (type) {
    case 'token':
      return some(
        elements.flatMap(tokensOf).filter(({ code }) => code !== undefined),
        tokenText,
      );
    case 'string':
      // Longer ones are refused as components.
      return some(
        elements.flatMap(textsOf).filter((text) => Buffer.byteLength(text) <= 100),
        (texts) => stringText(texts),
      );
    case 'quantity':
      return some(elements.filter(hasMeasure), (own) => quantityText(own.map(({ value }) => value)));
    case 'date':
      return some(elements.filter((element) => spansOf(element).length > 0).flatMap(writtenDates), dateText);
    case 'reference':
      return some(
        elements.flatMap((element) => pointersOf(element, bases)),
        referenceText,
      );
    default:
      return undefined;
  }
}

function some<T>(
  values: readonly T[],
  make: (values: readonly T[]) => fc.Arbitrary<string>,
): fc.Arbitrary<string> | undefined {
  return values.length === 0 ? undefined : make(values);
}
