import type { SqlInternedNames } from './interned-names.js';
import { NameResolver } from './name-resolver.js';

/** Repository 1 with the types Patient (1) and Basic (2), and the parameters that are given. */
function resolver(parameters: Readonly<Record<string, number>> = {}): NameResolver {
  const types: Readonly<Record<string, number>> = { Patient: 1, Basic: 2 };
  const interned: Pick<SqlInternedNames, 'knownRepository' | 'knownType' | 'knownParameter' | 'knownSystem'> =
    {
      knownRepository: () => 1,
      knownType: (name) => types[name],
      knownParameter: (_, type, code) => parameters[`${type}/${code}`],
      knownSystem: () => undefined,
    };
  return new NameResolver(interned as SqlInternedNames, new Map());
}

const missing = (names: NameResolver): string[] =>
  [...names.missing.parameters.values()].map(([, type, code]) => `${type}/${code}`).sort();

describe('of a type that is written', () => {
  test('what puts its resources into compartments is named too, and once', () => {
    const names = resolver({ '1/general-practitioner': 7 });
    expect(names.ofWritten(1, 1, 'Patient').parameter('general-practitioner')).toBe(7);
    expect(missing(names)).toEqual(['1/link']);
    names.ofWritten(1, 2, 'Basic');
    expect(missing(names)).toEqual(['1/link', '2/author', '2/patient']);
  });

  test('nothing is missing once all have numbers', () => {
    const names = resolver({ '1/general-practitioner': 7, '1/link': 8 });
    names.ofWritten(1, 1, 'Patient');
    expect(names.missing.isEmpty).toBe(true);
  });

  test('its number comes first', () => {
    const names = resolver();
    names.ofWritten(1, names.type('Observation'), 'Observation');
    expect(missing(names)).toEqual([]);
    expect([...names.missing.types]).toEqual(['Observation']);
  });
});

test('of a type whose rows are only compared, what its rows need is named', () => {
  const names = resolver();
  names.of(1, 1).parameter('name');
  expect(missing(names)).toEqual(['1/name']);
});
