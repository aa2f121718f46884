import fc from 'fast-check';
import { elementsOf, type Element } from '../elements.js';
import { publishedParameter, publishedCodes, type PublishedParameter } from '../published.js';
import { escape } from '../query-text.js';
import { hierarchies } from '../hierarchies.js';
import { logicalIdentifier, pointersOf } from '../references.js';
import type { Pair } from '../search.js';
import { textsOf, urisOf } from '../texts.js';
import { tokensOf, type Token } from '../tokens.js';
import type { World } from '../world.js';
import { compositeText } from './composites.js';
import {
  dateText,
  nearText,
  numberText,
  quantityText,
  referenceText,
  stringText,
  tokenText,
  uriText,
  versionText,
  writtenDates,
} from './values.js';
import { conceptText, isInTerminologies, valueSetText } from './lookups.js';
import { ids, pick } from './vocabulary.js';

/**
 * Conditions on single elements, made from what the resources of the world hold, so that most of them are met
 * by something.
 */
export class ConditionGenerator {
  private readonly byType = new Map<string, fc.Arbitrary<Pair>>();

  constructor(private readonly world: World) {}

  /** A condition for resources of the type. */
  of(type: string): fc.Arbitrary<Pair> {
    let known = this.byType.get(type);
    if (known === undefined) this.byType.set(type, (known = this.make(type)));
    return known;
  }

  private make(type: string): fc.Arbitrary<Pair> {
    const usual = publishedCodes(type)
      .map((code) => publishedParameter(type, code))
      .filter((parameter) => parameter !== undefined)
      .filter(({ code, type: kind }) => code !== '_id' && code !== '_lastUpdated' && kind !== 'special')
      .map((parameter) => this.forParameter(type, parameter))
      .filter((pair) => pair !== undefined);
    const near = publishedParameter(type, 'near');
    const positions = near === undefined ? undefined : this.forParameter(type, near);
    return fc.oneof(
      ...usual.map((arbitrary) => ({ weight: 2, arbitrary })),
      { weight: 2, arbitrary: this.id() },
      { weight: 2, arbitrary: this.lastUpdated(type) },
      // The one parameter of its kind.
      ...(positions === undefined ? [] : [{ weight: 8, arbitrary: positions }]),
    );
  }

  /** Two conditions on one date, which one value may meet or two; undefined: nothing of the type has a date. */
  ofOneDate(type: string): fc.Arbitrary<Pair[]> | undefined {
    const dates = publishedCodes(type)
      .map((code) => publishedParameter(type, code))
      .filter((parameter) => parameter !== undefined)
      .filter(({ code, type: kind }) => kind === 'date' && code !== '_lastUpdated')
      .flatMap((parameter) => this.values(parameter, this.elements(type, parameter)));
    if (dates.length === 0) return undefined;
    return fc.oneof(...dates.map((one) => fc.array(one, { minLength: 2, maxLength: 2 })));
  }

  private id(): fc.Arbitrary<Pair> {
    return alternatives('_id', pick(...ids, ...ids.map((id) => `${id}-1`)));
  }

  private lastUpdated(type: string): fc.Arbitrary<Pair> {
    const times = this.world.resources
      .filter((resource) => resource.type === type)
      .map(({ lastUpdated }) => new Date(lastUpdated).toISOString());
    return alternatives('_lastUpdated', dateText(times.length === 0 ? ['2020'] : times));
  }

  private forParameter(type: string, parameter: PublishedParameter): fc.Arbitrary<Pair> | undefined {
    const elements = this.elements(type, parameter);
    const { code } = parameter;
    if (elements.length === 0) return undefined;
    const missing = pick('true', 'false').map((flag): Pair => [`${code}:missing`, flag]);
    const values = this.values(parameter, elements);
    if (values.length === 0) return missing;
    return fc.oneof({ weight: 9, arbitrary: fc.oneof(...values) }, { weight: 1, arbitrary: missing });
  }

  private elements(type: string, parameter: PublishedParameter): Element[] {
    return this.world.resources
      .filter((resource) => resource.type === type)
      .flatMap((resource) => elementsOf(resource, parameter));
  }

  private values(parameter: PublishedParameter, elements: readonly Element[]): fc.Arbitrary<Pair>[] {
    const { type, code } = parameter;
    switch (type) {
      case 'special':
        return [alternatives(code, nearText(elements))];
      case 'composite': {
        const text = compositeText(parameter, elements, this.world.bases);
        return text === undefined ? [] : [alternatives(code, text)];
      }
      case 'token':
        return having(elements.flatMap(tokensOf), (tokens) => tokenConditions(code, tokens));
      case 'string':
        return having(elements.flatMap(textsOf), (texts) => [
          alternatives(code, stringText(texts)),
          alternatives(`${code}:contains`, stringText(texts, 'inside')),
          alternatives(`${code}:exact`, pick(...texts).map(escape)),
        ]);
      case 'date':
        return having(elements.flatMap(writtenDates), (dates) => [alternatives(code, dateText(dates))]);
      case 'number':
        return [alternatives(code, numberText)];
      case 'quantity':
        return [alternatives(code, quantityText(elements.map(({ value }) => value)))];
      case 'reference':
        return this.references(code, elements);
      case 'uri':
        return having(elements.flatMap(urisOf), (uris) => uriConditions(code, uris));
      default:
        return [];
    }
  }

  private references(code: string, elements: readonly Element[]): fc.Arbitrary<Pair>[] {
    const { bases } = this.world;
    const pointers = elements.flatMap((element) => pointersOf(element, bases));
    const local = pointers.filter(({ id }) => id !== undefined);
    const versioned = elements.filter(({ value }) => typeof value === 'string' && value.includes('|'));
    const identifiers = elements
      .map(logicalIdentifier)
      .filter((one) => one !== undefined)
      .map((one) => ({ ...one, texts: [], ignoresCase: false, types: [] }));
    return [
      ...having(pointers, () => [alternatives(code, referenceText(pointers))]),
      ...having(local, () => [
        pick(...local).map(({ type, id }): Pair => [`${code}:${type ?? ''}`, id ?? '']),
      ]),
      ...having(identifiers, () => [alternatives(`${code}:identifier`, tokenText(identifiers))]),
      ...having(
        local.filter(({ type }) => hierarchies.includes(type ?? '')),
        (parts) => {
          const text = pick(...parts).map(({ type, id }) => `${type ?? ''}/${id ?? ''}`);
          return [alternatives(`${code}:above`, text), alternatives(`${code}:below`, text)];
        },
      ),
      ...having(versioned, () => {
        const text = versionText(versioned.map(({ value }) => String(value)));
        return [alternatives(`${code}:above`, text), alternatives(`${code}:below`, text)];
      }),
    ];
  }
}

function tokenConditions(code: string, tokens: readonly Token[]): fc.Arbitrary<Pair>[] {
  const texts = tokens.flatMap((token) => token.texts);
  const typed = tokens.flatMap(({ types, code: value }) => types.map((type) => ({ ...type, value })));
  const whole = typed.filter(({ system, code: own, value }) => system && own && value);
  const named = tokens.filter((token) => (token.code ?? token.system) !== undefined);
  return [
    ...having(named, () => {
      const plain = alternatives(code, tokenText(named));
      return [plain, plain, alternatives(`${code}:not`, tokenText(named))];
    }),
    ...having(tokens.filter(isInTerminologies), () => [
      fc.oneof(
        ...['in', 'not-in'].map((modifier) => alternatives(`${code}:${modifier}`, valueSetText)),
        ...['above', 'below'].map((modifier) => alternatives(`${code}:${modifier}`, conceptText)),
      ),
    ]),
    ...having(texts, () => [alternatives(`${code}:text`, stringText(texts))]),
    ...having(whole, () => [
      alternatives(
        `${code}:of-type`,
        fc
          .tuple(pick(...whole), pick(...whole), pick(0, 0, 0, 1))
          .map(([{ system, code: own, value }, other, mix]) =>
            [system, own, mix === 1 ? other.value : value].map((part) => escape(part ?? '')).join('|'),
          ),
      ),
    ]),
  ];
}

/** URNs have no levels, and what is very long is not searched by its beginning. */
function uriConditions(code: string, uris: readonly string[]): fc.Arbitrary<Pair>[] {
  const urls = uris.filter((uri) => uri.startsWith('http') && uri.length < 400 && !uri.includes('|'));
  const versioned = uris.filter((uri) => uri.startsWith('http') && uri.length < 390 && uri.includes('|'));
  const plain = alternatives(code, uriText(uris));
  const levels = [
    ...having(urls, () => [uriText(urls)]),
    ...having(versioned, () => [versionText(versioned)]),
  ];
  return [
    plain,
    ...levels.flatMap((text) => [alternatives(`${code}:above`, text), alternatives(`${code}:below`, text)]),
  ];
}

function having<T, R>(values: readonly T[], make: (values: readonly T[]) => R[]): R[] {
  return values.length === 0 ? [] : make(values);
}

/** One parameter with up to three values, any of which may match. */
function alternatives(name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Pair> {
  const several = fc.array(value, { minLength: 2, maxLength: 3 }).map((values) => values.join(','));
  return fc
    .oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: several })
    .map((text): Pair => [name, text]);
}
