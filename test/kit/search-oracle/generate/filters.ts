import fc from 'fast-check';
import { elementsOf, type Element } from '../elements.js';
import { publishedCodes, publishedParameter, type PublishedParameter } from '../published.js';
import { prefixed, unescape } from '../query-text.js';
import { pointersOf } from '../references.js';
import { textsOf, urisOf } from '../texts.js';
import { tokensOf } from '../tokens.js';
import type { World, WorldResource } from '../world.js';
import { compositeText } from './composites.js';
import type { Edge } from './links.js';
import { conceptText, isInTerminologies, valueSetText } from './lookups.js';
import {
  dateText,
  numberText,
  quantityText,
  referenceText,
  stringText,
  tokenText,
  writtenDates,
} from './values.js';
import { ids, pick } from './vocabulary.js';

const ordered = pick('gt', 'lt', 'ge', 'le');
const compared = pick('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');

/** Filters of all operators, some along references, made from what the resources of the world hold. */
export class FilterGenerator {
  private readonly byType = new Map<string, fc.Arbitrary<string>>();
  private readonly ends = new Map<ReadonlySet<WorldResource>, FilterGenerator>();

  constructor(
    private readonly world: World,
    private readonly edges: readonly Edge[],
  ) {}

  /** The text of a filter for resources of the type. */
  of(type: string): fc.Arbitrary<string> {
    const own = this.comparison(type);
    const linked = this.linked(type);
    const elements = type === 'Group' ? this.characteristic() : undefined;
    const one = fc.oneof(
      { weight: 4, arbitrary: own },
      ...(linked === undefined ? [] : [{ weight: 1, arbitrary: linked }]),
      ...(elements === undefined ? [] : [{ weight: 2, arbitrary: elements }]),
    );
    return logic(one);
  }

  private comparison(type: string): fc.Arbitrary<string> {
    let known = this.byType.get(type);
    if (known === undefined) this.byType.set(type, (known = this.make(type)));
    return known;
  }

  private make(type: string): fc.Arbitrary<string> {
    const byKind = new Map<string, fc.Arbitrary<string>[]>();
    for (const code of publishedCodes(type)) {
      const parameter = publishedParameter(type, code);
      if (parameter === undefined || parameter.type === 'special' || code === '_id') continue;
      const own = this.forParameter(type, parameter);
      byKind.set(parameter.type, [...(byKind.get(parameter.type) ?? []), ...own]);
    }
    const id = written('_id', pick('eq', 'ne'), pick(...ids));
    // Most parameters are of two types, whose operators are few.
    const kinds = [...byKind.values()].filter((own) => own.length > 0);
    return fc.oneof(...kinds.map((own) => ({ weight: 3, arbitrary: fc.oneof(...own) })), {
      weight: 1,
      arbitrary: id,
    });
  }

  private forParameter(type: string, parameter: PublishedParameter): fc.Arbitrary<string>[] {
    const elements = this.world.resources
      .filter((resource) => resource.type === type)
      .flatMap((resource) => elementsOf(resource, parameter));
    if (elements.length === 0) return [];
    const { code } = parameter;
    const values = code === '_lastUpdated' ? this.updated(type) : this.values(parameter, elements);
    if (code === '_lastUpdated' || values.length === 0) return values;
    const present = written(code, pick('pr'), pick('true', 'false'));
    return [fc.oneof({ weight: 6, arbitrary: fc.oneof(...values) }, { weight: 1, arbitrary: present })];
  }

  private updated(type: string): fc.Arbitrary<string>[] {
    const times = this.world.resources
      .filter((resource) => resource.type === type)
      .map(({ lastUpdated }) => new Date(lastUpdated).toISOString());
    return [written('_lastUpdated', fc.oneof(compared, pick('po')), bare(dateText(times)))];
  }

  private values(parameter: PublishedParameter, elements: readonly Element[]): fc.Arbitrary<string>[] {
    const { code, type } = parameter;
    switch (type) {
      case 'string': {
        const texts = elements.flatMap(textsOf);
        if (texts.length === 0) return [];
        return [
          written(code, fc.oneof(pick('eq', 'ne'), ordered), pick(...texts)),
          written(code, fc.oneof(pick('eq', 'sw'), ordered), stringText(texts).map(unescape)),
          written(code, pick('co', 'sw', 'ew'), stringText(texts, 'inside').map(unescape)),
          written(
            code,
            pick('ew'),
            fc
              .tuple(pick(...texts), fc.nat({ max: 8 }))
              .map(endOf)
              .filter(hasLetter),
          ),
        ];
      }
      case 'token':
        return tokenFilters(code, elements);
      case 'date': {
        const dates = elements.flatMap(writtenDates);
        return dates.length === 0
          ? []
          : [written(code, fc.oneof(compared, pick('co', 'po')), bare(dateText(dates)))];
      }
      case 'number':
        return [written(code, fc.oneof(compared, pick('co', 'co')), bare(numberText))];
      case 'quantity':
        return [written(code, compared, bare(quantityText(elements.map(({ value }) => value))).map(named))];
      case 'reference': {
        const pointers = elements.flatMap((element) => pointersOf(element, this.world.bases));
        return pointers.length === 0 ? [] : [written(code, pick('re'), referenceText(pointers))];
      }
      case 'uri':
        return having(elements.flatMap(urisOf), (uris) => written(code, pick('eq'), pick(...uris)));
      case 'composite': {
        const text = compositeText(parameter, elements, this.world.bases);
        return text === undefined ? [] : [written(code, pick('eq'), text)];
      }
      default:
        return [];
    }
  }

  /** `code.comparison` and `code[filter].comparison`. */
  private linked(type: string): fc.Arbitrary<string> | undefined {
    const edges = this.edges.filter(({ from }) => from === type);
    if (edges.length === 0) return undefined;
    return fc.tuple(pick(...edges), fc.boolean()).chain(([{ code, to, targets }, isFiltered]) => {
      const end = this.end(targets);
      const last = end.comparison(to);
      if (!isFiltered) return last.map((text) => `${code}.${text}`);
      return fc.tuple(logic(end.comparison(to)), last).map(([inner, text]) => `${code}[${inner}].${text}`);
    });
  }

  private end(targets: ReadonlySet<WorldResource>): FilterGenerator {
    const known =
      this.ends.get(targets) ?? new FilterGenerator({ ...this.world, resources: [...targets] }, []);
    this.ends.set(targets, known);
    return known;
  }

  private characteristic(): fc.Arbitrary<string> | undefined {
    const parts = ['characteristic', 'value'].map((code) => {
      const parameter = publishedParameter('Group', code);
      const tokens = this.world.resources
        .filter(({ type }) => type === 'Group')
        .flatMap((resource) => (parameter === undefined ? [] : elementsOf(resource, parameter)))
        .flatMap(tokensOf)
        .filter((token) => token.code !== undefined);
      return tokens.length === 0 ? undefined : tokenText(tokens);
    });
    const [codes, values] = parts;
    if (codes === undefined || values === undefined) return undefined;
    const code = written('code', pick('eq'), codes);
    const either = fc.oneof(
      code,
      fc.tuple(code, code).map((both) => both.join(' or ')),
    );
    return fc
      .tuple(either, written('value', pick('eq'), values))
      .map(([inner, last]) => `characteristic[${inner}].${last}`);
  }
}

function tokenFilters(code: string, elements: readonly Element[]): fc.Arbitrary<string>[] {
  const tokens = elements.flatMap(tokensOf).filter((token) => (token.code ?? token.system) !== undefined);
  return [
    ...having(tokens, () => written(code, pick('eq', 'ne'), tokenText(tokens).map(named))),
    ...having(tokens.filter(isInTerminologies), () => written(code, pick('in', 'ni'), valueSetText)),
    ...having(tokens.filter(isInTerminologies), () => written(code, pick('ss', 'sb'), conceptText)),
  ];
}

/** Without the prefix that values of parameters have. */
const bare = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => text.map((one) => prefixed(one).rest);

const endOf = ([text, length]: [string, number]): string =>
  Array.from(text)
    .slice(-1 - length)
    .join('');
const hasLetter = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** The names that filters have for some systems. */
const named = (text: string): string =>
  text
    .replace(/(^|\|)http:\/\/loinc\.org\|/, '$1loinc|')
    .replace(/(^|\|)http:\/\/unitsofmeasure\.org\|/, '$1ucum|');

/** A comparison, its value in quotes where it has to be, and sometimes where not. */
function written(
  path: string,
  operator: fc.Arbitrary<string>,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  return fc.tuple(operator, value, pick(true, false, false)).map(([own, text, isQuoted]) => {
    const isPlain = /^[^\s()[\]"]+$/.test(text) && !isQuoted;
    return `${path} ${own} ${isPlain ? text : JSON.stringify(text)}`;
  });
}

function having<T>(values: readonly T[], make: (values: readonly T[]) => fc.Arbitrary<string>) {
  return values.length === 0 ? [] : [make(values)];
}

function logic(one: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const word = pick('and', 'or');
  return fc.oneof(
    { weight: 5, arbitrary: one },
    { weight: 3, arbitrary: fc.tuple(one, word, one).map((parts) => parts.join(' ')) },
    { weight: 2, arbitrary: one.map((text) => `not (${text})`) },
    { weight: 2, arbitrary: fc.tuple(one, word, one, word, one).map((parts) => parts.join(' ')) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(one, word, one, word, one)
        .map(([a, first, b, second, c]) => `${a} ${first} (${b} ${second} not(${c}))`),
    },
  );
}
