import fc from 'fast-check';
import { loadDefinitions } from '../definitions/index.js';
import { accessTo, restricted } from './access-filter.js';
import { membershipOf } from './compartment-membership.js';
import { extract } from './extraction/index.js';
import { matchesFilter } from './match/resource-matcher.js';
import { decodeQueryString } from './parse-criteria.js';
import { parseSearch } from './parse-search.js';
import type { SearchAccess, SearchExpression, SearchQuery } from './query.js';
import { volume } from '../../../test/kit/volume.js';

const definitions = loadDefinitions();
const base = 'https://fhir.example.org/r4';
const nothing: SearchExpression = { kind: 'or', operands: [] };

const within = (id: string, type: string): SearchExpression =>
  membershipOf(definitions, { type: 'Patient', id }, [type]) ?? nothing;

/** The compartment of a patient. */
const access = (id: string): SearchAccess => ({
  byType: new Map(definitions.resourceTypes.map((type) => [type, within(id, type)])),
  others: nothing,
});

function asked(search: string, seen: SearchAccess): SearchQuery {
  const [types = '', parameters = ''] = search.split(/\?(.*)/s);
  const { query } = parseSearch({
    ...{ repository: 'default', types: types.split(','), parameters: decodeQueryString(parameters) },
    ...{ handling: 'strict', definitions, bases: [base], zone: 'UTC' },
  });
  return { ...query, access: seen };
}

/** What is asked beyond what the search asks itself. */
const added = (search: string, seen: SearchAccess): readonly SearchExpression[] => {
  const query = asked(search, seen);
  return restricted(query).filter.slice(query.filter.length);
};

describe('a search that names the patient in context asks no more of matches', () => {
  test.each([
    'Observation?patient=p',
    'Observation?patient=Patient/p',
    'Observation?subject=Patient/p',
    'Observation?subject:Patient=p',
    `Observation?subject=${base}/Patient/p`,
    'Observation?performer=Patient/p',
    'Observation?code=1&patient=p&date=ge2019',
    'Observation?patient=q&patient=p',
    'Observation?_filter=patient re Patient/p and (code eq 1 or code eq 2)',
    'Encounter?patient=p',
    'Encounter?subject=Patient/p',
    'AllergyIntolerance?patient=Patient/p',
    'Patient?_id=p',
    'Patient?link=Patient/p',
  ])('%s', (search) => {
    expect(added(search, access('p'))).toEqual([]);
  });

  test('of its compartment', () => {
    const inside = (id: string): SearchQuery => ({
      ...asked('Observation?', access('p')),
      filter: [within(id, 'Observation')],
    });
    expect(restricted(inside('p')).filter).toEqual([within('p', 'Observation')]);
    expect(restricted(inside('q')).filter).toEqual([within('q', 'Observation'), within('p', 'Observation')]);
  });
});

describe('a search that says less, or something else, is asked for all', () => {
  test.each([
    'Observation?',
    'Observation?patient=q',
    'Observation?patient=P',
    'Observation?patient=p,q',
    'Observation?patient=p,Patient/p',
    'Observation?subject=p',
    'Observation?subject=Group/p',
    'Observation?subject:Device=p',
    'Observation?subject=Patient/p/_history/1',
    'Observation?subject=https://elsewhere.example.org/Patient/p',
    'Observation?subject:identifier=p',
    'Observation?subject:missing=false',
    'Observation?patient:missing=true',
    'Observation?performer=p',
    'Observation?focus=Patient/p',
    'Observation?encounter=Encounter/p',
    'Observation?_id=p',
    'Observation?patient._id=p',
    'Observation?subject:Patient._id=p',
    'Observation?patient.identifier=p',
    'Observation?patient.link=Patient/p',
    'Observation?encounter.patient=p',
    'Observation?_has:Observation:derived-from:patient=p',
    'Observation?_filter=patient re Patient/p or code eq 1',
    'Observation?_filter=not (patient re Patient/p)',
    'AllergyIntolerance?patient=p',
    'DeviceUseStatement?patient=p',
    'Patient?',
    'Patient?_id=q',
    'Patient?_id=p,q',
    'Patient?link=p',
    'Patient?_filter=_id ne p',
    'Patient?_filter=_id eq p or active eq true',
  ])('%s', (search) => {
    const [type = ''] = search.split('?');
    expect(added(search, access('p'))).toEqual([within('p', type)]);
  });

  test('of several types', () => {
    const [one, ...others] = added('Patient,Observation?_id=p', access('p'));
    expect(one).toMatchObject({ kind: 'or', operands: [{ types: ['Patient'] }, { types: ['Observation'] }] });
    expect(others).toEqual([]);
  });
});

describe('of what was granted', () => {
  const laboratory: SearchExpression = {
    ...{ kind: 'parameter', code: 'category', type: 'token' },
    anyOf: [{ type: 'token', system: undefined, code: 'laboratory' }],
  };
  const granted = (expression: SearchExpression): SearchAccess => ({
    byType: new Map([['Observation', expression]]),
    others: nothing,
  });
  const both = (...operands: SearchExpression[]): SearchExpression => ({ kind: 'and', operands });
  const either = (...operands: SearchExpression[]): SearchExpression => ({ kind: 'or', operands });
  const search = 'Observation?patient=p';
  const own = within('p', 'Observation');
  const other = within('q', 'Observation');

  test.each<[string, SearchExpression, readonly SearchExpression[]]>([
    ['criteria are left', both(own, laboratory), [laboratory]],
    ['another compartment is left', both(own, other), [other]],
    ['the same compartment, by scope and by role, is not', both(own, own), []],
    [
      'alternatives are one that holds, or all',
      either(other, both(own, laboratory)),
      [either(other, both(own, laboratory))],
    ],
    ['alternatives of which one holds are not', either(other, own), []],
    ['a prohibition is left', { kind: 'not', operand: own }, [{ kind: 'not', operand: own }]],
    ['nothing stays nothing', nothing, [nothing]],
  ])('%s', (_, expression, expected) => {
    expect(added(search, granted(expression))).toEqual(expected);
  });

  test('a chain asks what is left of the resource that it leads to', () => {
    const chained = (seen: SearchAccess) =>
      restricted(asked('DiagnosticReport?result.patient=p', seen)).filter[0];
    const operand = asked('Observation?patient=p', access('p')).filter[0];
    expect(chained(access('p'))).toMatchObject({ kind: 'chain', targets: ['Observation'], operand });
    expect(chained(access('q'))).toMatchObject({ operand: { kind: 'and', operands: [operand, other] } });
  });
});

describe('whatever is asked', () => {
  const id = fc.constantFrom('p', 'q');
  const target = fc.oneof(
    fc.tuple(fc.constantFrom('Patient', 'Group', 'Practitioner'), id).map(([type, one]) => `${type}/${one}`),
    id.map((one) => `${base}/Patient/${one}`),
    id.map((one) => `https://elsewhere.example.org/Patient/${one}`),
    id.map((one) => `Patient/${one}/_history/1`),
  );
  const reference = fc.record(
    { reference: target, type: fc.constantFrom('Patient', 'Group') },
    { requiredKeys: ['reference'] },
  );
  const resource = fc.oneof(
    fc.record({
      resourceType: fc.constant('Observation'),
      subject: reference,
      performer: fc.array(reference),
    }),
    fc.record({
      resourceType: fc.constantFrom('Encounter', 'Condition'),
      subject: reference,
      asserter: reference,
    }),
    fc.record({ resourceType: fc.constant('AllergyIntolerance'), patient: reference }),
    fc.record({ resourceType: fc.constant('Patient'), link: fc.array(fc.record({ other: reference })) }),
  );
  const value = fc.oneof(
    target,
    id,
    fc.tuple(target, id).map((pair) => pair.join(',')),
  );
  const condition = (codes: readonly string[]) =>
    fc.oneof(
      fc.tuple(fc.constantFrom(...codes), value).map(([code, one]) => `${code}=${one}`),
      fc.tuple(fc.constantFrom(...codes), fc.boolean()).map(([code, is]) => `${code}:missing=${String(is)}`),
      fc
        .tuple(
          fc.constantFrom(...codes),
          target,
          fc.constantFrom('and', 'or'),
          fc.constantFrom(...codes),
          target,
        )
        .map(([one, to, word, other, too]) => `_filter=${one} re ${to} ${word} not (${other} re ${too})`),
      id.map((one) => `_id=${one}`),
    );
  const codesOf: Readonly<Record<string, readonly string[]>> = {
    Observation: ['patient', 'subject', 'performer', 'focus'],
    Encounter: ['patient', 'subject'],
    Condition: ['patient', 'subject', 'asserter'],
    AllergyIntolerance: ['patient', 'recorder'],
    Patient: ['link', 'general-practitioner'],
  };

  test('a resource is let through as if the access were asked in full', () => {
    const searches = fc
      .tuple(resource, id, id)
      .chain(([one, itsId, patient]) =>
        fc.tuple(
          fc.constant(one),
          fc.constant(itsId),
          fc.constant(patient),
          fc.array(condition(codesOf[one.resourceType] ?? []), { maxLength: 3 }),
        ),
      );
    let spared = 0;
    fc.assert(
      fc.property(searches, ([one, itsId, patient, conditions]) => {
        const type = one.resourceType;
        const query = asked(`${type}?${conditions.join('&')}`, access(patient));
        const values = extract(type, one, { bases: [base], timeZone: 'UTC' });
        const image = { type, id: itsId, lastUpdated: 0, values };
        const inFull = [...query.filter, accessTo(access(patient), [type])];
        const { filter } = restricted(query);
        if (filter.length < inFull.length) spared += 1;
        expect(matchesFilter(image, filter)).toBe(matchesFilter(image, inFull));
      }),
      { numRuns: volume(3000), seed: 20_261_125 },
    );
    expect(spared).toBeGreaterThan(100);
  });
});
