import { loadDefinitions } from '../../definitions/index.js';
import { resourceTerms } from './resource-terms.js';

const definitions = loadDefinitions();
const resource = {
  resourceType: 'Observation',
  id: 'identity',
  text: {
    status: 'generated',
    div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Blood <i>pressure</i></p></div>',
  },
  contained: [{ resourceType: 'Device', deviceName: [{ name: 'Cuff' }], text: { div: '<div>Inside</div>' } }],
  extension: [{ url: 'http://example.org/x', valueString: 'Extended' }],
  identifier: [{ system: 'http://example.org/i', value: 'hidden-1' }],
  status: 'final',
  code: {
    coding: [{ system: 'http://loinc.org', code: '85354-9', display: 'Panel' }],
    text: 'Pressure panel',
  },
  subject: { reference: 'Patient/hidden', display: 'Ann' },
  note: [{ text: 'Taken *twice*', time: '2020' }],
  component: [{ valueQuantity: { value: 120, unit: 'mmHg' } }, { valueSampledData: { data: '1 2 E' } }],
};

const terms = (index: 'none' | 'narrative' | 'all', one: unknown = resource) =>
  resourceTerms('Observation', one, index, definitions);

describe('terms of a resource', () => {
  test('are those of texts that are meant to be read, each once', () => {
    const all = terms('all');
    expect(all.filter(({ narrative }) => narrative).map(({ term }) => term)).toEqual([
      'blood',
      'pressure',
      'inside',
    ]);
    expect(all.filter(({ narrative }) => !narrative).map(({ term }) => term)).toEqual(
      ['cuff', 'extended', 'panel', 'ann', 'taken', 'twice', 'mmhg'], // prettier-ignore
    );
  });

  test('are of the narrative alone, or none, where the setting says so', () => {
    expect(terms('narrative').map(({ term }) => term)).toEqual(['blood', 'pressure']);
    expect(terms('none')).toEqual([]);
  });

  test('are bounded, whatever a resource holds', () => {
    const many = Array.from({ length: 3000 }, (_, n) => `word${n}`).join(' ');
    expect(terms('all', { note: [{ text: many }] })).toHaveLength(1000);
    let deep: unknown = { text: 'x' };
    for (let n = 0; n < 5000; n++) deep = { extension: [deep] };
    expect(terms('all', deep)).toEqual([]);
    for (const odd of [
      null,
      1,
      'text',
      [],
      { text: 1 },
      { text: { div: {} } },
      { note: 'x', code: [[{ text: [1] }]] },
    ]) {
      expect(() => terms('all', odd)).not.toThrow();
    }
  });
});
