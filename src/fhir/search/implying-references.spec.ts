import { loadDefinitions, overlayDefinitions, type SearchParameter } from '../definitions/index.js';
import { membershipOf } from './compartment-membership.js';
import { extract } from './extraction/index.js';
import { implyingReferences } from './implying-references.js';
import { matchesFilter } from './match/resource-matcher.js';
import type { ParameterExpression } from './query.js';

const definitions = loadDefinitions();
const own = 'https://fhir.example.org/r4';

describe('what implies that a parameter refers to a Patient', () => {
  const patient = { code: 'patient', typed: true };
  const anyPatient = { code: 'patient', typed: false };
  const subject = { code: 'subject', typed: true };

  test.each([
    ['the same element, where it is a Patient', 'Observation', 'subject', [patient, anyPatient]],
    [
      'an element that holds it, and an id where it is a Patient',
      'Encounter',
      'patient',
      [anyPatient, subject],
    ],
    ['nothing of another element', 'Observation', 'performer', []],
    ['nothing, where the type of an id is not told', 'AllergyIntolerance', 'patient', []],
    ['the same element, whose type is not told', 'DeviceUseStatement', 'subject', [patient]],
    ['several elements of which it selects one', 'AuditEvent', 'agent', []],
    ['nothing of a parameter that does not refer', 'Observation', 'code', []],
    ['nothing of a parameter that is not there', 'Observation', 'nothing', []],
  ])('%s: %s?%s', (_, of, code, expected) => {
    const found = implyingReferences(code, { of, to: 'Patient' }, definitions);
    expect(
      [...found].sort((a, b) => a.code.localeCompare(b.code) || Number(b.typed) - Number(a.typed)),
    ).toEqual(expected);
  });

  test('nothing that a repository or an extension defines, whose index may be older than it is', () => {
    const known = definitions.searchParameter('Observation', 'patient');
    if (known === undefined) throw new Error('R4 has the parameter');
    const defined = (code: string): SearchParameter => ({
      ...known,
      ...{ code, url: `urn:${code}`, expression: 'Observation.subject.where(resolve() is Patient)' },
      coverage: { state: 'complete', whenIncomplete: 'refuse' },
    });
    const list = [...definitions.searchParameters('Observation'), defined('about'), defined('of')];
    const extended = overlayDefinitions(definitions, new Map([['Observation', list]]), new Map());
    const route = { of: 'Observation', to: 'Patient' };
    expect(implyingReferences('subject', route, extended)).toEqual([patient, anyPatient]);
    expect(implyingReferences('about', route, extended)).toEqual([]);
  });
});

/** References to the resource, to others that look like it, and such that say one thing and lead elsewhere. */
const references = ['Patient', 'Practitioner', 'Group', 'Device', 'Encounter', 'RelatedPerson'].flatMap(
  (type) => [
    ...[
      `${type}/1`,
      `${type}/2`,
      `${type}/1/_history/3`,
      `${own}/${type}/1`,
      `${own}/${type}/1/_history/3`,
    ].map((reference) => ({ reference })),
    ...[
      `${type}/1`,
      `https://elsewhere.example.org/${type}/1`,
      `#${type}/1`,
      'urn:uuid:1',
      '1',
      `Nothing/1`,
    ].flatMap((reference) =>
      ['Patient', 'Practitioner', 'Group'].map((stated) => ({ reference, type: stated })),
    ),
    { type },
    { type, identifier: { value: '1' } },
    { type, display: `${type}/1` },
  ],
);

/** The type with one value at a path, in lists where the definition has lists. */
function holding(type: string, path: readonly string[], value: unknown): object {
  const [name, ...rest] = path;
  if (name === undefined) return value as object;
  const element = definitions.type(type)?.elements.get(name);
  const next = element?.types[0]?.code ?? '';
  const held = rest.length === 0 ? value : holding(next, rest, value);
  return { [name]: element?.max === 1 ? held : [held] };
}

const pathsOf = (type: string, code: string): string[][] =>
  [
    ...(definitions.searchParameter(type, code)?.expression ?? '').matchAll(
      new RegExp(String.raw`\b${type}((?:\.(?!where|as\()\w+)+)`, 'g'),
    ),
  ].map(([, path = '']) => path.split('.').slice(1));

describe.each([...definitions.compartments.keys()])('in the compartment of a %s', (owner) => {
  const conditions = definitions.resourceTypes.flatMap((type) => {
    const membership = membershipOf(definitions, { type: owner, id: '1' }, [type]);
    const parts = membership?.kind === 'or' ? membership.operands : [membership];
    return parts.flatMap((one): [string, ParameterExpression][] =>
      one?.kind === 'parameter' && one.impliedBy !== undefined ? [[type, one]] : [],
    );
  });

  test('no resource fulfils what is said to imply a condition and not the condition', () => {
    for (const [type, condition] of conditions) {
      for (const implying of condition.impliedBy ?? []) {
        const held = [...pathsOf(type, condition.code), ...pathsOf(type, implying.code)].flatMap((path) =>
          references.map((reference) => ({ resourceType: type, ...holding(type, path, reference) })),
        );
        const matching = held.filter((resource) => {
          const values = extract(type, resource, { bases: [own], timeZone: 'UTC' });
          const image = { type, id: 'x', lastUpdated: 0, values };
          if (matchesFilter(image, [implying]) !== true) return false;
          expect([type, condition.code, resource, matchesFilter(image, [condition])]).toEqual([
            ...[type, condition.code, resource],
            true,
          ]);
          return true;
        });
        expect([type, implying.code, matching.length > 0]).toEqual([type, implying.code, true]);
      }
    }
    expect(conditions.length > 0).toBe(['Patient', 'Practitioner', 'RelatedPerson'].includes(owner));
  });
});
