import { CheckTable } from './check-table.js';

const check = (name: string) => ({ name }) as never;
const table = new CheckTable(
  check('credentials-form'),
  check('basic-present'),
  check('token-present'),
  check('open-allowed'),
  check('basic-password'),
  check('token-active'),
  check('dpop-proof'),
  check('audience'),
  check('client-enabled'),
  check('user-enabled'),
  check('user-token'),
  check('same-user'),
  check('cross-site'),
  check('admin-role'),
  check('scope'),
);
const names = (checks: readonly { readonly name: string }[]): string[] => checks.map(({ name }) => name);

describe('the table of checks', () => {
  const brought = [
    ...['basic-password', 'token-active', 'dpop-proof', 'audience'],
    ...['client-enabled', 'user-enabled', 'user-token', 'same-user'],
  ];

  it('has every mode verify all that a request brings, and ask the policy last', () => {
    expect(names(table.fhir.bearer)).toEqual(['credentials-form', 'token-present', ...brought, 'scope']);
    expect(names(table.fhir.basic)).toEqual([
      ...['cross-site', 'credentials-form', 'basic-present', ...brought, 'scope'],
    ]);
    expect(names(table.fhir.open)).toEqual([
      ...['open-allowed', 'cross-site', 'credentials-form', ...brought, 'scope'],
    ]);
    expect(names(table.fhir['basic-and-bearer'])).toEqual([
      ...['credentials-form', 'basic-present', 'token-present', ...brought, 'scope'],
    ]);
  });

  it('has the management API ask for an administrator last, and refuse pages of other sites first', () => {
    for (const checks of [table.administration.basic, table.administration.bearer]) {
      expect(names(checks)[0]).toBe('cross-site');
      expect(names(checks).slice(3)).toEqual([...brought, 'admin-role']);
    }
  });
});
