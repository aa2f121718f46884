import fc from 'fast-check';
import { loadDefinitions } from '../../definitions/index.js';
import { extract } from './extract.js';
import { normalizeString } from '../text/normalize-string.js';
import { parseReference } from './reference.converter.js';
import { volume } from '../../../../test/kit/volume.js';

const context = { bases: ['https://fhir.example.org/r4', '', '/'] };
const definitions = loadDefinitions();

/** Names that the compiled parameters look for, so that made-up objects lead deep into them. */
const names = [
  ...new Set(
    ['Observation', 'Observation.component', 'Patient', 'Bundle', 'Bundle.entry', 'Identifier', 'Coding']
      .concat(['CodeableConcept', 'HumanName', 'Period', 'Timing', 'Quantity', 'Range', 'Reference', 'Meta'])
      .flatMap((type) => [...(definitions.type(type)?.properties.keys() ?? [])]),
  ),
];
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1e308,
      5e-324,
      '',
      '2020',
      'Patient/1',
      '#x',
      'http://a|b',
      '__proto__',
    ),
    fc.string(),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, '__proto__', 'constructor'), tie('tree'), { maxKeys: 6 }),
  ),
}));

describe('extraction from hostile input', () => {
  it('never throws, whatever shape a resource has', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Patient', 'Observation', 'Bundle', 'Encounter', 'Condition'),
        tree,
        (type, resource) => {
          expect(Array.isArray(extract(type, resource, context))).toBe(true);
        },
      ),
      { numRuns: volume(3000) },
    );
  });

  it('never throws for any type', () => {
    const junk = Object.fromEntries(
      definitions.resourceTypes
        .flatMap((type) => [...(definitions.type(type)?.properties.keys() ?? [])])
        .map((name, index) => [name, [null, 1, 'x', [], {}, [null, [[]]], { value: {} }][index % 7]]),
    );
    for (const type of definitions.resourceTypes) expect(() => extract(type, junk, context)).not.toThrow();
  });

  it.each([undefined, null, 1, 'Patient', [], [[{}]], Symbol('x'), () => 1])(
    'gives nothing for %p',
    (resource) => {
      expect(extract('Observation', resource, context)).toEqual([]);
    },
  );

  it('keeps a __proto__ member from standing in for elements', () => {
    const resource: unknown = JSON.parse('{"__proto__": {"status": "final", "code": {"text": "x"}}}');
    expect(extract('Observation', resource, context)).toEqual([]);
    expect(({} as Record<string, unknown>).status).toBeUndefined();
  });

  it('takes time in proportion to the length of text', () => {
    const long = 'a/'.repeat(500_000);
    const texts = [
      long,
      `http://${long}`,
      `${'A'.repeat(500_000)}/1`,
      ' '.repeat(500_000),
      "'".repeat(500_000),
    ];
    for (const text of texts) {
      normalizeString(text);
      parseReference(text, definitions, context);
      const subject = { reference: text };
      expect(() => extract('Observation', { subject, issued: text, code: { text } }, context)).not.toThrow();
    }
  });
});
