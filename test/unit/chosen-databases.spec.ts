import { chosenDatabases } from '../kit/databases.js';

const names = (environment: NodeJS.ProcessEnv): string[] =>
  chosenDatabases(environment).map(({ name }) => name);

describe('the databases of the tests', () => {
  it.each([undefined, '', ' ', 'both'])(
    'are both for FIREKEEP_TEST_DATABASES=%s, also with CI=true',
    (chosen) => {
      const environment = chosen === undefined ? {} : { FIREKEEP_TEST_DATABASES: chosen };
      expect(names(environment)).toEqual(['sqlite', 'mysql']);
      expect(names({ ...environment, CI: 'true' })).toEqual(['sqlite', 'mysql']);
    },
  );

  it.each(['sqlite', 'mysql'])('are %s alone where that is asked for, but not with CI=true', (chosen) => {
    expect(names({ FIREKEEP_TEST_DATABASES: chosen })).toEqual([chosen]);
    expect(() => names({ FIREKEEP_TEST_DATABASES: chosen, CI: 'true' })).toThrow(
      `With CI=true every test runs on both databases: unset FIREKEEP_TEST_DATABASES=${chosen}.`,
    );
  });

  it('are not guessed', () => {
    expect(() => names({ FIREKEEP_TEST_DATABASES: 'postgres' })).toThrow('must be sqlite, mysql or both');
  });
});
