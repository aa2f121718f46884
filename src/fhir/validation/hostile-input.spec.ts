import fc from 'fast-check';
import { validResources } from '../../../test/kit/valid-resources.js';
import { loadDefinitions } from '../definitions/index.js';
import { compileValidator, type ValidationIssue } from './index.js';
import { volume } from '../../../test/kit/volume.js';

const definitions = loadDefinitions();
const validate = compileValidator(definitions);

/** What JSON.parse gives; only so can an object have a member of its own named __proto__. */
const parsed = (text: string): object => JSON.parse(text) as object;

const names = [
  ...new Set(
    ['Observation', 'Observation.component', 'Patient', 'Bundle', 'Bundle.entry', 'Identifier', 'Coding']
      .concat(['CodeableConcept', 'HumanName', 'Period', 'Timing.repeat', 'Quantity', 'Range', 'Reference'])
      .concat([
        'Questionnaire',
        'Questionnaire.item',
        'StructureDefinition',
        'ElementDefinition',
        'Narrative',
      ])
      .flatMap((type) => [...(definitions.type(type)?.properties.keys() ?? [])])
      .flatMap((name) => [name, `_${name}`]),
  ),
  'resourceType',
  '__proto__',
  'constructor',
  'toString',
  '',
];

const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, '', '2020', 'Patient/1', '#x', '#', 'a b', 'final'),
  fc.string({ unit: 'binary' }),
  fc.double(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 6 }),
  ),
}));

const wellFormed = (issues: readonly ValidationIssue[]) =>
  issues.every(
    ({ severity, code, expression, message }) =>
      ['error', 'warning', 'information'].includes(severity) &&
      code.length > 0 &&
      /^[A-Z][A-Za-z]*(?:[.[(]|$)/.test(expression) &&
      expression.length < 5000 &&
      /[.?]$/.test(message) &&
      message.length < 3000,
  );

describe('hostile input', () => {
  it('never makes the validator throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Patient', 'Observation', 'Bundle', 'Questionnaire', 'StructureDefinition'),
        fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 8 }),
        (resourceType, members) => {
          const issues = validate({ ...members, resourceType }, { mode: 'full' });
          expect(wellFormed(issues)).toBe(true);
        },
      ),
      { numRuns: volume(1000) },
    );
  });

  it('in any place of a valid resource never makes it throw, and what it reports is there', () => {
    const resources = Object.values(validResources());
    fc.assert(
      fc.property(fc.constantFrom(...resources), fc.nat(), tree, (resource, position, value) => {
        const copy: object = structuredClone(resource);
        const places: [owner: object, key: string][] = [];
        const visit = (owner: object): void => {
          for (const [key, member] of Object.entries(owner) as [string, unknown][]) {
            places.push([owner, key]);
            if (typeof member === 'object' && member !== null) visit(member);
          }
        };
        visit(copy);
        const [owner, key] = places[position % places.length]!;
        Object.assign(owner, { [key]: value });
        expect(wellFormed(validate(copy, { mode: 'full' }))).toBe(true);
      }),
      { numRuns: volume(1000) },
    );
  });

  it('for any type never makes it throw', () => {
    const junk = Object.fromEntries(
      definitions.resourceTypes
        .flatMap((type) => [...(definitions.type(type)?.properties.keys() ?? [])])
        .map((name) => [name, [{ x: [null, [1], { reference: 1, extension: {} }] }, null, 'x', 1]]),
    );
    for (const resourceType of definitions.resourceTypes) {
      expect(wellFormed(validate({ ...junk, resourceType }, { mode: 'full' }))).toBe(true);
    }
  });

  it.each(['null', '1', '"x"', '[]', '[{}]', 'true'])('that is no object is no resource: %s', (text) => {
    expect(validate(parsed(text), { mode: 'full' })).toHaveLength(1);
  });

  it('reports at most 100 errors and says that there are more', () => {
    const members = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [`wrong${index}`, index]),
    );
    const issues = validate({ resourceType: 'Patient', ...members }, { mode: 'full' });
    expect(issues).toHaveLength(101);
    expect(issues.at(-1)).toMatchObject({ severity: 'information', code: 'incomplete' });
    expect(issues.slice(0, 100).every(({ severity }) => severity === 'error')).toBe(true);
  });

  it('reports exactly 100 errors without saying that there are more', () => {
    const name = Array.from({ length: 100 }, () => ({ use: 'wrong' }));
    expect(validate({ resourceType: 'Patient', name }, { mode: 'full' })).toHaveLength(100);
  });

  it('cannot hide an error behind warnings', () => {
    const entry = Array.from({ length: 150 }, () => ({
      resource: { resourceType: 'Questionnaire', status: 'draft', name: 'no name' },
    }));
    const last = { resource: { resourceType: 'Patient', gender: 'wrong' } };
    const issues = validate(
      { resourceType: 'Bundle', type: 'collection', entry: [...entry, last] },
      { mode: 'full' },
    );
    expect(issues.filter(({ severity }) => severity === 'warning')).toHaveLength(100);
    expect(issues.filter(({ severity }) => severity === 'error').map(({ expression }) => expression)).toEqual(
      ['Bundle.entry[150].resource.gender'],
    );
    expect(issues.at(-1)?.code).toBe('incomplete');
  });

  it('is followed for a bounded number of levels', () => {
    let extension: object = { url: 'x', valueCode: 'y' };
    for (let level = 0; level < 5000; level++) extension = { url: 'x', extension: [extension] };
    const issues = validate({ resourceType: 'Patient', extension: [extension] }, { mode: 'full' });
    expect(issues.map(({ code }) => code)).toEqual(['too-costly']);
  });

  it('cannot pass members of JavaScript for elements', () => {
    const text =
      '{"resourceType":"Patient","__proto__":{"active":true},"constructor":1,"name":[{"__proto__":1}]}';
    expect(
      validate(parsed(text), { mode: 'full' }).map(({ code, expression }) => `${code} ${expression}`),
    ).toEqual(['structure Patient', 'structure Patient.constructor', 'structure Patient.name[0]']);
  });

  /** Each took quadratic or exponential time, did the validator look at something twice. */
  it.each<[string, () => object]>([
    ['base64', () => ({ resourceType: 'Binary', contentType: 'a/b', data: `${'QUJD '.repeat(200_000)}!` })],
    ['a code', () => ({ resourceType: 'Patient', language: `${'a '.repeat(500_000)} ` })],
    ['an id of an element', () => ({ resourceType: 'Patient', name: [{ id: 'a'.repeat(1_000_000) + ' ' }] })],
    [
      'a reference',
      () => ({
        resourceType: 'Patient',
        managingOrganization: { reference: `x:${'/Patient/a'.repeat(100_000)}!` },
      }),
    ],
    [
      'a name',
      () => ({ resourceType: 'Questionnaire', status: 'draft', name: `A${'a'.repeat(1_000_000)}-` }),
    ],
    [
      'a narrative of tags',
      () => ({
        resourceType: 'Patient',
        text: {
          status: 'generated',
          div: `<div xmlns="http://www.w3.org/1999/xhtml">${'<b>x</b>'.repeat(100_000)}&`,
        },
      }),
    ],
    [
      'a narrative of attributes',
      () => ({
        resourceType: 'Patient',
        text: { status: 'generated', div: `<div ${' '.repeat(500_000)}a="${'b'.repeat(500_000)}` },
      }),
    ],
    [
      'link ids',
      () => ({
        resourceType: 'Questionnaire',
        status: 'draft',
        item: Array.from({ length: 100_000 }, (_, n) => ({ linkId: `${n}`, type: 'string' })),
      }),
    ],
    [
      'codings that are compared with codings',
      () => {
        const coding = Array.from({ length: 3000 }, (_, n) => ({ system: 's', code: `${n}` }));
        const other = Array.from({ length: 10 }, (_, n) => ({ system: 't', code: `${n}` }));
        const component = Array.from({ length: 3000 }, () => ({ code: { coding: other } }));
        return {
          resourceType: 'Observation',
          status: 'final',
          code: { coding },
          valueString: 'x',
          component,
        };
      },
    ],
    [
      'elements that are compared with the first',
      () => {
        const element = Array.from({ length: 10_000 }, (_, n) => ({
          id: `A.b${n}`,
          path: `A.b${n}`,
          definition: 'x',
          min: 0,
          max: '1',
          base: { path: 'x', min: 0, max: '1' },
        }));
        return {
          resourceType: 'StructureDefinition',
          url: 'http://x',
          name: 'A',
          status: 'draft',
          kind: 'logical',
          abstract: true,
          type: 'A',
          snapshot: { element },
        };
      },
    ],
    [
      'references to contained resources',
      () => ({
        resourceType: 'List',
        status: 'current',
        mode: 'working',
        contained: Array.from({ length: 20_000 }, (_, n) => ({
          resourceType: 'Basic',
          id: `${n}`,
          code: { text: 'x' },
        })),
        entry: Array.from({ length: 20_000 }, (_, n) => ({ item: { reference: `#${n}` } })),
      }),
    ],
    [
      'entries',
      () => ({
        resourceType: 'Bundle',
        type: 'batch',
        entry: Array.from({ length: 50_000 }, (_, n) => ({
          request: { method: 'GET', url: `Patient/${n}` },
        })),
      }),
    ],
    [
      'choices behind a crowd',
      () => ({
        ...Object.fromEntries(Array.from({ length: 200_000 }, (_, n) => [`x${n}`, 1])),
        resourceType: 'Patient',
        extension: [
          Object.fromEntries(
            [...(definitions.type('Extension')?.properties.keys() ?? [])].map((name) => [name, 1]),
          ),
        ],
      }),
    ],
  ])(
    'takes time in proportion to its size: %s',
    (_what, make) => {
      expect(validate(make(), { mode: 'full' }).length).toBeLessThan(102);
    },
    20_000,
  );
});
