import fc from 'fast-check';
import type { SearchParameterPair } from '../../../src/fhir/search/parse-search.js';
import { bases, type TestResource } from './search-store.js';

/*
 * Resources and queries from small, shared sets of values, so that random queries find something: names with
 * accents and case, codes in several systems, dates of every precision, open and long periods, numbers of
 * different precision and with comparators, references of every form.
 */
const systems = ['http://example.org/a', 'http://example.org/b', 'http://loinc.org'];
const codes = ['x', 'X', 'y-1', 'Y-1', 'a,b', 'a|b', 'c\\d', 'ß', '8867-4', `long-${'z'.repeat(300)}`];
const words = [
  'Müller',
  'mueller',
  'MULLER',
  "O'Brien",
  'Smith',
  'Smithers',
  'Ana María',
  'Æbler',
  '李',
  `Long${'o'.repeat(300)}ng`,
];
const dates = [
  '1999',
  '2000',
  '2000-01',
  '2000-01-01',
  '2000-01-01T00:00:00Z',
  '2000-01-01T23:59:59.999Z',
  '2000-01-02T00:30:00+01:00',
  '2000-02-29',
  '2000-06',
  '2001',
  '2024-02-29T10:30:00Z',
  '2024-03-01',
];
const numbers = ['0', '1', '1.0', '1.00', '1.04', '1.05', '0.95', '-3.5', '100', '99.5', '1e2', '0.001'];
const ids = ['p1', 'p2', 'P1', 'g.1'];
const urls = [
  'http://example.org/vs',
  'http://example.org/vs2',
  'urn:oid:1.2.3',
  `http://example.org/${'u'.repeat(600)}`,
  'http://example.org/vs/part',
  'http://example.org/vs/part/of',
  'http://example.org/',
];
const references = [
  ...ids.map((id) => `Patient/${id}`),
  'Group/g.1',
  `${bases[0]}/Patient/p1`,
  'https://other.example.org/Patient/p1',
  'Patient/p1/_history/2',
  'https://other.example.org/Patient/p1/_history/3',
  'urn:uuid:7d3b',
];

const pick = (values: readonly string[]) => fc.constantFrom(...values);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const list = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 3) => fc.array(arbitrary, { maxLength });

const coding = fc.record({
  system: optional(pick(systems)),
  code: optional(pick(codes)),
  display: optional(pick(words)),
});
const concept = fc.record({ coding: list(coding), text: optional(pick(words)) });
const identifier = fc.record({
  system: optional(pick(systems)),
  value: optional(pick(codes)),
  type: optional(fc.record({ coding: list(coding, 2), text: optional(pick(words)) })),
});
const period = fc
  .record({ start: optional(pick(dates)), end: optional(pick(dates)) })
  .filter(({ start, end }) => start !== undefined || end !== undefined);
const reference = fc.record({
  reference: optional(pick(references)),
  display: optional(pick(words)),
  identifier: optional(fc.record({ system: optional(pick(systems)), value: optional(pick(codes)) })),
});
const quantity = fc.record({
  value: pick(numbers).map(Number),
  comparator: optional(pick(['<', '<=', '>', '>='])),
  system: optional(pick(systems)),
  code: optional(pick(codes)),
  unit: optional(pick(codes)),
});
const meta = optional(
  fc.record({
    profile: optional(list(pick(urls), 2)),
    tag: optional(list(coding, 2)),
    source: optional(pick(urls)),
  }),
);

const patient = fc.record({
  resourceType: fc.constant('Patient'),
  meta,
  active: optional(fc.boolean()),
  gender: optional(pick(['male', 'female'])),
  birthDate: optional(pick(dates.filter((date) => !date.includes('T')))),
  name: optional(list(fc.record({ family: optional(pick(words)), given: optional(list(pick(words), 2)) }))),
  telecom: optional(
    list(fc.record({ system: fc.constant('email'), value: pick(['A@Example.org', 'b@example.org']) }), 2),
  ),
  identifier: optional(list(identifier)),
});
const observation = fc.record({
  resourceType: fc.constant('Observation'),
  meta,
  status: optional(pick(['final', 'amended'])),
  code: optional(concept),
  subject: optional(reference),
  effectiveDateTime: optional(pick(dates)),
  valueQuantity: optional(quantity),
});
const encounter = fc.record({
  resourceType: fc.constant('Encounter'),
  meta,
  class: optional(coding),
  subject: optional(reference),
  period: optional(period),
});
const risk = fc.record({
  resourceType: fc.constant('RiskAssessment'),
  meta,
  identifier: optional(list(identifier, 1)),
  prediction: optional(list(fc.record({ probabilityDecimal: pick(numbers).map(Number) }), 2)),
});
const valueSet = fc.record({
  resourceType: fc.constant('ValueSet'),
  meta,
  url: optional(pick(urls)),
  date: optional(pick(dates)),
  title: optional(pick(words)),
});
const response = fc.record({
  resourceType: fc.constant('QuestionnaireResponse'),
  questionnaire: optional(
    pick([
      ...urls,
      ...urls.map((url) => `${url}|1.0`),
      ...urls.map((url) => `${url}|1`),
      ...urls.map((url) => `${url}|2`),
    ]),
  ),
  authored: optional(pick(dates)),
});

/** Resources without ids; undefined members are left out when they are written. */
export const resources: fc.Arbitrary<Omit<TestResource, 'id'>> = fc.oneof(
  patient,
  observation,
  encounter,
  risk,
  valueSet,
  response,
);

const escapeText = (text: string) => text.replace(/[\\,|$]/g, (character) => `\\${character}`);
const tokenText = fc.oneof(
  pick(codes).map(escapeText),
  fc
    .tuple(pick([...systems, 'http://example.org/unused']), pick(codes))
    .map(([s, c]) => `${escapeText(s)}|${escapeText(c)}`),
  pick(codes).map((code) => `|${escapeText(code)}`),
  pick(systems).map((system) => `${escapeText(system)}|`),
);
const prefix = pick(['', '', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);
const dateText = fc.tuple(prefix, pick(dates)).map(([p, date]) => p + date);
const numberText = fc.tuple(prefix, pick(numbers)).map(([p, number]) => p + number);
const quantityText = fc
  .tuple(numberText, optional(fc.tuple(pick(['', ...systems]), pick(['', ...codes]))))
  .map(([number, unit]) =>
    unit === undefined ? number : `${number}|${escapeText(unit[0])}|${escapeText(unit[1])}`,
  );
const stringText = fc
  .tuple(pick(words), fc.integer({ min: 1, max: 310 }))
  .map(([word, end]) => word.slice(0, end > 10 ? end : (end % word.length) + 1));
const wholeText = pick(words);
const referenceText = fc.oneof(pick(ids), pick(references));
const canonicalText = fc.tuple(pick(urls), pick(['', '|1.0', '|9'])).map(([url, version]) => url + version);
const versionedText = fc
  .tuple(pick(urls), pick(['1', '1.0', '1.0.3', '9']))
  .map(([url, version]) => `${url}|${version}`);
const urlText = pick(urls.filter((url) => !url.startsWith('urn:') && url.length < 400));
const ofTypeText = fc
  .tuple(pick(systems), pick(codes), pick(codes))
  .map((parts) => parts.map(escapeText).join('|'));
const flag = pick(['true', 'false']);

/** One parameter: its name and alternatives for its value. */
const parameter = (
  name: string,
  text: fc.Arbitrary<string>,
  maxLength = 3,
): fc.Arbitrary<SearchParameterPair> =>
  fc.array(text, { minLength: 1, maxLength }).map((texts) => [name, texts.join(',')]);
const modified = (name: string, text: fc.Arbitrary<string>) => parameter(name, text, 1);

const shared = (resourceIds: readonly string[]) => [
  parameter('_id', pick(resourceIds)),
  parameter('_tag', tokenText),
  parameter('_profile', pick(urls)),
  parameter('_source', pick(urls)),
];

function parametersOf(
  type: string,
  resourceIds: readonly string[],
): readonly fc.Arbitrary<SearchParameterPair>[] {
  const all = shared(resourceIds);
  switch (type) {
    case 'Patient':
      return [
        ...all,
        parameter('identifier', tokenText),
        parameter('gender', pick(['male', 'female', 'MALE', '|male'])),
        parameter('active', pick(['true', 'false', 'TRUE'])),
        parameter('email', pick(['a@example.org', 'A@EXAMPLE.ORG', 'b@example.org', 'B@example.org'])),
        parameter('birthdate', dateText),
        parameter('name', stringText.map(escapeText)),
        parameter('family', stringText.map(escapeText)),
        modified('family:exact', wholeText),
        modified('name:contains', fc.oneof(stringText, pick(['ll', 'mit', 'o', '李', 'oong']))),
        parameter('identifier:of-type', ofTypeText),
        parameter('identifier:text', stringText.map(escapeText)),
        parameter('identifier:not', tokenText),
        modified('active:not', pick(['true', 'FALSE'])),
        modified('birthdate:missing', flag),
        modified('identifier:missing', flag),
        modified('name:missing', flag),
      ];
    case 'Observation':
      return [
        ...all,
        parameter('code', tokenText),
        parameter('status', pick(['final', 'amended', 'x'])),
        parameter('subject', referenceText),
        modified('subject:Patient', pick(ids)),
        modified('subject:missing', flag),
        parameter('subject:identifier', tokenText),
        parameter('code:text', stringText.map(escapeText)),
        parameter('code:not', tokenText),
        modified('code:missing', flag),
        parameter('date', dateText),
        parameter('value-quantity', quantityText),
        modified('value-quantity:missing', flag),
      ];
    case 'Encounter':
      return [
        ...all,
        parameter('class', tokenText),
        parameter('subject', referenceText),
        parameter('date', dateText),
      ];
    case 'RiskAssessment':
      return [...all, parameter('probability', numberText), parameter('identifier', tokenText)];
    case 'ValueSet':
      return [
        ...all,
        parameter('url', pick(urls)),
        parameter('url:below', urlText),
        parameter('url:above', urlText),
        modified('url:missing', flag),
        parameter('date', dateText),
        parameter('title', stringText.map(escapeText)),
      ];
    default:
      return [
        modified('_id', pick(resourceIds)),
        parameter(
          'questionnaire',
          canonicalText.map((text) => text),
        ),
        parameter('questionnaire:below', versionedText),
        parameter('questionnaire:above', versionedText),
        parameter('authored', dateText),
      ];
  }
}

const sortCodes: Readonly<Record<string, readonly string[]>> = {
  Patient: ['birthdate', 'name', 'family', 'identifier', 'gender'],
  Observation: ['date', 'code', 'subject', 'value-quantity'],
  Encounter: ['date', 'class'],
  RiskAssessment: ['probability'],
  ValueSet: ['url', 'date', 'title'],
  QuestionnaireResponse: ['authored', 'questionnaire'],
};

export interface RandomSearch {
  readonly type: string;
  readonly parameters: readonly SearchParameterPair[];
  readonly count: number;
}

/** Searches of up to four parameters over these resources, half of them sorted. */
export function searches(resourceIds: readonly string[]): fc.Arbitrary<RandomSearch> {
  return fc.constantFrom(...Object.keys(sortCodes)).chain((type) => {
    const sortKey = fc
      .tuple(pick(['', '-']), pick(['_id', '_lastUpdated', ...(sortCodes[type] ?? [])]))
      .map(([minus, code]) => minus + code);
    const sort = fc
      .array(sortKey, { maxLength: 3 })
      .map((keys): SearchParameterPair[] => (keys.length === 0 ? [] : [['_sort', keys.join(',')]]));
    const one = fc.oneof(...parametersOf(type, resourceIds));
    // Several conditions are rarely met at once, so most searches have one.
    const filter = fc.oneof(
      { weight: 6, arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }) },
      { weight: 3, arbitrary: fc.array(one, { minLength: 2, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(one, { maxLength: 4 }) },
    );
    return fc.record({
      type: fc.constant(type),
      parameters: fc
        .tuple(filter, fc.oneof(fc.constant([]), sort))
        .map(([some, order]) => [...some, ...order]),
      count: fc.integer({ min: 1, max: 50 }),
    });
  });
}
