import { Settings } from '../../platform/config/index.js';
import type { AccessDecision, AccessPolicy, AccessRequest } from '../../contract/index.js';
import type { CheckContext } from './check.js';
import { ScopeCheck } from './scope.check.js';

const permitted: AccessDecision = {
  kind: 'permit',
  constraints: [{ resourceType: '*', interactions: new Set(['read']), allOf: [], noneOf: [] }],
};

function run(decision: AccessDecision, more: object = {}, target: object = {}) {
  const asked: AccessRequest[] = [];
  const policy: AccessPolicy = {
    revision: 0,
    decide: (request) => {
      asked.push(request);
      return decision;
    },
  };
  const check = new ScopeCheck(policy, Settings.of({ publicUrl: 'https://fhir.example.org' }));
  const context = {
    target: {
      ...{ rule: { kind: 'interaction', interaction: 'read' }, method: 'GET', headers: {} },
      ...{ resourceType: 'Patient', id: 'p1', operation: null, base: 'https://fhir.example.org/r4' },
      ...target,
    },
    ...more,
  } as unknown as CheckContext;
  return { failure: check.run(context), asked, context };
}

const claims = {
  ...{ issuer: 'https://as.example.org', subject: 'alice', clientId: 'app', isUserToken: true },
  ...{ scopes: ['user/*.rs'], fhirUser: null, patient: null },
};
const user = { username: 'alice', roles: ['practitioner'], fhirUser: 'Practitioner/alice' };

describe('the scope check', () => {
  it('lets pass what the policy permits', () => expect(run(permitted).failure).toBeUndefined());

  it('refuses where the policy permits nothing by an empty list', () => {
    expect(run({ kind: 'permit', constraints: [] }).failure).toMatchObject({ category: 'forbidden' });
  });

  it('names the scope that would do, to a caller with a token alone', () => {
    const denied: AccessDecision = { kind: 'deny', check: 'scope', reason: 'x', scope: 'user/Patient.r' };
    expect(run(denied, { claims, user }).failure).toMatchObject({
      error: 'insufficient_scope',
      scope: 'user/Patient.r',
    });
    expect(run(denied, { user }).failure).toMatchObject({ error: null });
  });

  it('takes the roles of the account, not of the token, and calls a client a service', () => {
    const forged = { ...claims, roles: ['admin'] };
    expect(run(permitted, { claims: forged, user }).context.principal).toMatchObject({
      ...{ kind: 'user', subject: 'alice', roles: ['practitioner'], fhirUser: 'Practitioner/alice' },
    });
    const client = { ...claims, isUserToken: false, subject: 'loader', fhirUser: 'Practitioner/alice' };
    expect(run(permitted, { claims: client }).context.principal).toMatchObject({
      ...{ kind: 'client', subject: 'loader', roles: ['service'], fhirUser: null },
    });
    expect(run(permitted).context.principal).toMatchObject({ kind: 'anonymous', roles: [] });
  });

  it.each([
    ['POST', null, { 'if-none-exist': 'identifier=1' }, true],
    ['POST', null, { 'if-none-exist': '' }, true],
    ['POST', null, {}, false],
    ['PUT', null, {}, true],
    ['PATCH', null, {}, true],
    ['DELETE', null, {}, true],
    ['PUT', 'p1', {}, false],
    ['DELETE', 'p1', {}, false],
  ])('calls %s of %p with %j conditional or not', (method, id, headers, conditional) => {
    expect(run(permitted, {}, { method, id, headers }).asked).toMatchObject([{ conditional }]);
  });

  it('reads a link below the base of the endpoint as one to the own resource', () => {
    const linked = (fhirUser: string) =>
      run(permitted, { claims, user: { ...user, fhirUser } }).context.principal?.fhirUser;
    expect(linked('https://fhir.example.org/r4/Patient/p')).toBe('Patient/p');
    expect(linked('https://fhir.example.org/r40/Patient/p')).toBe('https://fhir.example.org/r40/Patient/p');
    expect(linked('Patient/p')).toBe('Patient/p');
  });

  it('takes the link of the account, and of another issuer’s token where the account has none', () => {
    const linked = (issuer: string, fhirUser: string | null) =>
      run(permitted, {
        claims: { ...claims, issuer, fhirUser: 'Patient/of-token' },
        user: { ...user, fhirUser },
      }).context.principal?.fhirUser;
    const [other, own] = ['https://as.example.org', 'https://fhir.example.org/oauth2'];
    expect(linked(other, 'Patient/of-account')).toBe('Patient/of-account');
    expect(linked(other, null)).toBe('Patient/of-token');
    expect(linked(own, 'Patient/of-account')).toBe('Patient/of-account');
    expect(linked(own, null)).toBeNull();
  });

  it('leaves the entries of a Bundle to their executor', () => {
    const { failure, asked, context } = run(
      { kind: 'deny', check: 'x', reason: 'x' },
      { claims, user },
      {
        rule: { kind: 'per-entry', interaction: 'batch' },
      },
    );
    expect([failure, asked]).toEqual([undefined, []]);
    expect(context.principal?.subject).toBe('alice');
  });
});
