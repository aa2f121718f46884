import { loadDefinitions } from '../../definitions/index.js';
import { careDates, withinSpan } from './care-dates.js';

describe('dates of care', () => {
  it('are search parameters for dates, of types in the compartment of patients', () => {
    const definitions = loadDefinitions();
    for (const [type, codes] of Object.entries(careDates)) {
      expect([type, definitions.compartments.get('Patient')?.has(type)]).toEqual([type, true]);
      for (const code of codes) {
        expect([type, code, definitions.searchParameter(type, code)?.type]).toEqual([type, code, 'date']);
      }
    }
  });

  it('ask nothing of types without one, or where no date is given', () => {
    const test = { type: 'date', prefix: 'ge', low: 1, high: 2 } as const;
    expect(withinSpan('Coverage', [test])).toEqual([]);
    expect(withinSpan('Observation', [])).toEqual([]);
    expect(withinSpan('Observation', [test])).toHaveLength(1);
  });
});
