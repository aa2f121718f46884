import fc from 'fast-check';

/*
 * Small, shared sets of values, so that resources collide and random queries find something: the same codes in
 * several systems and in both cases, names that differ in accents and punctuation alone, dates of every
 * precision around the same moments, numbers of different precision, references of every form.
 */
export const ownBase = 'https://fhir.example.org/r4';
const otherBase = 'https://other.example.org/r4';

export const ids = ['a', 'b', 'A', 'c-1', 'd.2', 'e', 'f', 'g9'];

export const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Absent in a third of the cases. */
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
export const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 2): fc.Arbitrary<T[] | undefined> =>
  maybe(fc.array(arbitrary, { minLength: 1, maxLength }));

const systems = [
  'http://example.org/a',
  'http://example.org/b',
  'http://loinc.org',
  'http://snomed.info/sct',
];
export const codes = ['x', 'X', 'y-1', 'a,b', 'a|b', 'c$d', 'c\\d', 'ß', '8867-4', `long-${'z'.repeat(300)}`];
const words = [
  'Müller',
  'mueller',
  'MULLER',
  "O'Brien",
  'o brien',
  'Smith',
  'Smith-Jones',
  'Ana  María',
  'Æbler',
  '李',
  'a,b $c',
  `Long${'o'.repeat(300)}ng`,
];
export const word = pick(...words);
export const system = pick(...systems);
export const code = pick(...codes);

export const coding = fc
  .record({ system: maybe(system), code: maybe(code), display: maybe(word) })
  .filter(({ code: own, display }) => (own ?? display) !== undefined);
export const concept = fc
  .record({ coding: some(coding), text: maybe(word) })
  .filter(({ coding: codings, text }) => (codings ?? text) !== undefined);

const identifierType = fc.record({ coding: some(coding, 1), text: maybe(word) });
export const identifier = fc
  .record({ system: maybe(system), value: maybe(code), type: maybe(identifierType) })
  .filter(({ system: own, value }) => (own ?? value) !== undefined);

const days = ['1999', '2000', '2000-01', '2000-01-01', '2000-02-29', '2000-06', '2001', '2024-12-31'];
const moments = [
  '2000-01-01T00:00:00Z',
  '2000-01-01T23:59:59.999Z',
  '2000-01-02T00:30:00+01:00',
  '2000-01-01T10:00:00.5-05:00',
  '2024-02-29T10:30:00Z',
  '2025-01-01T08:59:59+09:00',
];
export const day = pick(...days);
export const dateTime = pick(...days, ...moments);
export const instant = pick(...moments);
export const period = fc
  .record({ start: maybe(dateTime), end: maybe(dateTime) })
  .filter(({ start, end }) => (start ?? end) !== undefined)
  // A Period that ends before it starts is refused on write.
  .filter(
    ({ start, end }) => start === undefined || end === undefined || start.slice(0, 4) <= end.slice(0, 4),
  );

export const decimal = pick(0, 1, 1.04, 1.05, 0.95, 0.001, 5.4, 5, 100, 99.5, -3.5, 1000, 2500);
const units = pick<{ system?: string; code?: string; unit?: string }>(
  { system: 'http://unitsofmeasure.org', code: 'mg', unit: 'milligram' },
  { system: 'http://unitsofmeasure.org', code: 'g', unit: 'g' },
  { system: 'http://unitsofmeasure.org', code: 'ug' },
  { system: 'http://unitsofmeasure.org', code: 'mm[Hg]', unit: 'mmHg' },
  { system: 'http://unitsofmeasure.org', code: 'Cel' },
  { system: 'http://unitsofmeasure.org', code: '[degF]' },
  { system: 'http://unitsofmeasure.org', code: '[IU]' },
  { system: 'http://unitsofmeasure.org', code: 'kPa' },
  { system: 'http://example.org/a', code: 'mg', unit: 'mg' },
  { system: 'http://example.org/a', code: 'x' },
  { unit: 'mg' },
  { unit: 'tablets' },
  {},
);
export const quantity = fc
  .tuple(decimal, units, fc.option(pick('<', '<=', '>', '>='), { nil: undefined, freq: 4 }))
  .map(([value, unit, comparator]) => ({ value, comparator, ...unit }));
export const range = fc
  .tuple(decimal, decimal, units, pick('both', 'low', 'high'))
  .map(([a, b, unit, ends]) => ({
    low: ends === 'high' ? undefined : { value: Math.min(a, b), ...unit },
    high: ends === 'low' ? undefined : { value: Math.max(a, b), ...unit },
  }));

export const url = pick(
  'http://example.org/vs',
  'http://example.org/vs/deeper',
  'http://example.org/vs2',
  'http://example.org',
  'urn:oid:1.2.3',
  `http://example.org/${'u'.repeat(600)}`,
);
export const canonical = fc
  .tuple(url, pick('', '|1', '|1.0', '|1.0.3', '|2'))

  // What differs only far behind the part of an address that a key holds is not in the order of its text.
  .map(([one, version]) => (one.length > 400 ? one : one + version));

/** A reference to one of these types, seldom one that leads nowhere in the repository. */
export function reference(...types: readonly string[]) {
  const local = fc.tuple(pick(...types), pick(...ids)).map(([type, id]) => `${type}/${id}`);
  const literal = fc.oneof(
    { weight: 12, arbitrary: local },
    { weight: 2, arbitrary: local.map((text) => `${ownBase}/${text}`) },
    { weight: 2, arbitrary: local.map((text) => `${otherBase}/${text}`) },
    { weight: 1, arbitrary: fc.tuple(local, pick('1', '2')).map(([text, v]) => `${text}/_history/${v}`) },
    { weight: 1, arbitrary: pick('urn:uuid:6f1a0c1e-0a84-4e3b-9d0c-2f5f0f6f7d3b') },
  );
  const logical = fc.record({ system: maybe(system), value: code });
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ reference: literal }) },
    { weight: 2, arbitrary: fc.record({ reference: literal, identifier: logical }) },
    { weight: 2, arbitrary: fc.record({ type: pick(...types), identifier: logical }) },
    { weight: 1, arbitrary: fc.record({ display: word }) },
  );
}
