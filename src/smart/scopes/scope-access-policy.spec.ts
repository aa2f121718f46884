import type { AccessRequest, Principal } from '../../contract/index.js';
import { ScopeAccessPolicy } from './scope-access-policy.js';

const noRoles = { revision: 0, rulesOf: () => [] };
const alice: Principal = {
  subject: 'alice',
  kind: 'user',
  clientId: 'app',
  issuer: 'https://as.example.org',
  roles: ['practitioner'],
  scopes: ['user/*.rs'],
  fhirUser: null,
  patient: null,
};
const loader: Principal = {
  ...alice,
  subject: 'loader',
  kind: 'client',
  roles: ['service'],
  scopes: ['system/*.cruds'],
};

const decide = (principal: Principal, request: Partial<AccessRequest> = {}): 'permit' | 'deny' =>
  new ScopeAccessPolicy(noRoles).decide({
    principal,
    interaction: 'read',
    resourceType: 'Patient',
    ...request,
  }).kind;

describe('the scope policy', () => {
  it('permits what scope and role allow together', () => {
    expect(decide(alice)).toBe('permit');
    expect(decide(loader, { interaction: 'create' })).toBe('permit');
  });

  it('denies what the scope leaves out', () => {
    expect(decide(alice, { interaction: 'create' })).toBe('deny');
    expect(decide({ ...alice, scopes: ['user/Observation.rs'] })).toBe('deny');
    expect(decide({ ...alice, scopes: [] })).toBe('deny');
    expect(decide({ ...alice, scopes: ['openid', 'fhirUser'] })).toBe('deny');
  });

  it.each([
    [['user/Observation.rs'], null, 'user/Patient.c'],
    [['patient/Observation.rs', 'launch/patient'], 'p', 'patient/Patient.c'],
    [['patient/Observation.rs', 'user/Observation.rs'], 'p', 'user/Patient.c'],
    [['patient/Observation.rs'], null, 'user/Patient.c'],
    [['openid'], 'p', 'user/Patient.c'],
  ])('names the scope that %j lacks, with the patient %j, as %s', (scopes, patient, scope) => {
    const principal = { ...alice, scopes, patient };
    expect(
      new ScopeAccessPolicy(noRoles).decide({ principal, interaction: 'create', resourceType: 'Patient' }),
    ).toMatchObject({ kind: 'deny', scope });
  });

  it.each([[[]], [['admin']], [['service']], [['unknown']]])(
    'denies clinical data to the roles %j',
    (roles) => expect(decide({ ...alice, roles })).toBe('deny'),
  );

  const constraints = (principal: Principal, request: Partial<AccessRequest> = {}) => {
    const decision = new ScopeAccessPolicy(noRoles).decide({
      ...{ principal, interaction: 'read', resourceType: 'Observation' },
      ...request,
    });
    return decision.kind === 'permit' ? decision.constraints.map(({ allOf }) => allOf) : decision.check;
  };
  const ofPatient = (id: string) => ({ compartment: { type: 'Patient', id } });

  it('lets the role patient reach the own record alone, and nothing where there is none', () => {
    const own: Principal = { ...alice, roles: ['patient'], fhirUser: 'Patient/p' };
    expect(constraints(own)).toEqual([[ofPatient('p')]]);
    expect(constraints({ ...own, scopes: null })).toEqual([[ofPatient('p')]]);
    for (const fhirUser of [
      null,
      'Practitioner/p',
      'https://other.example.org/Patient/p',
      'Patient/p/x',
      'Patient/',
    ]) {
      expect(constraints({ ...own, fhirUser })).toBe('role');
    }
    expect(constraints({ ...own, roles: ['practitioner', 'patient'] })).toEqual([[]]);
  });

  it('lets a patient/ scope reach the patient in context, within the role', () => {
    const asked: Principal = { ...alice, scopes: ['patient/*.rs'], patient: 'p' };
    expect(constraints(asked)).toEqual([[ofPatient('p')]]);
    expect(constraints({ ...asked, patient: null })).toBe('scope');
    expect(constraints({ ...asked, patient: 'p/../q' })).toBe('scope');
    const own: Principal = { ...asked, roles: ['patient'], fhirUser: 'Patient/q' };
    expect(constraints(own)).toEqual([[ofPatient('p'), ofPatient('q')]]);
    expect(constraints({ ...asked, kind: 'client', roles: ['service'] })).toBe('scope');
  });

  it('lets openid fhirUser read the resource that describes the user, and nothing else', () => {
    const me: Principal = { ...alice, scopes: ['openid', 'fhirUser'], fhirUser: 'Practitioner/me' };
    const read = { interaction: 'read', resourceType: 'Practitioner' } as const;
    expect(constraints(me, read)).toEqual([[{ query: '_id=me' }]]);
    expect(constraints({ ...me, scopes: ['fhirUser'] }, read)).toBe('scope');
    expect(constraints({ ...me, scopes: ['openid'] }, read)).toBe('scope');
    expect(constraints(me, { ...read, interaction: 'search-type' })).toBe('scope');
    expect(constraints(me, { ...read, interaction: 'update' })).toBe('scope');
    expect(constraints(me, { ...read, resourceType: 'Patient' })).toBe('scope');
    expect(constraints({ ...me, roles: ['admin'] }, read)).toBe('role');
    expect(constraints({ ...me, kind: 'client', roles: ['service'] }, read)).toBe('scope');
    for (const fhirUser of [null, 'https://elsewhere.example.org/Practitioner/me', 'Practitioner/a,b']) {
      expect(constraints({ ...me, fhirUser }, read)).toBe('scope');
    }
    const own: Principal = { ...me, roles: ['patient'], fhirUser: 'Patient/p' };
    expect(constraints(own, { ...read, resourceType: 'Patient' })).toEqual([
      [{ query: '_id=p' }, ofPatient('p')],
    ]);
  });

  it('adds scopes up, each with its criteria', () => {
    const scopes = [
      'user/Observation.rs?category=laboratory',
      'patient/Observation.rs?status=final',
      'user/Patient.rs',
    ];
    expect(constraints({ ...alice, scopes, patient: 'p' })).toEqual([
      [{ query: 'category=laboratory', by: 'client' }],
      [ofPatient('p'), { query: 'status=final', by: 'client' }],
    ]);
    expect(constraints({ ...alice, scopes }, { interaction: 'update' })).toBe('scope');
  });

  it.each([
    'patient/*.read?category=laboratory',
    'patient/whatever',
    'user/Observation.rs?',
    'system/*.sr?x=1',
  ])('denies a token with the malformed %s as a whole, since it was meant to limit', (narrow) => {
    expect(decide({ ...alice, scopes: [narrow], patient: 'p' })).toBe('deny');
    expect(decide({ ...alice, scopes: ['user/*.cruds', narrow], patient: 'p' })).toBe('deny');
  });

  it('gives a user nothing by system scopes, and a client nothing by user scopes', () => {
    expect(decide({ ...alice, scopes: ['system/*.cruds'] })).toBe('deny');
    expect(decide({ ...loader, scopes: ['user/*.cruds'] })).toBe('deny');
  });

  it.each([
    [{ interaction: 'create' }, 'user/Patient.c'],
    [{ interaction: 'create', conditional: true }, 'user/Patient.cs'],
    [{ interaction: 'search-system', resourceType: null }, 'user/*.s'],
    [{ interaction: 'operation' }, undefined],
  ] as const)('names the least scope for %j', (request, scope) => {
    const principal = { ...alice, scopes: ['user/Observation.r'] };
    expect(new ScopeAccessPolicy(noRoles).decide({ principal, resourceType: 'Patient', ...request })).toEqual(
      {
        kind: 'deny',
        check: 'scope',
        reason: expect.any(String),
        ...(scope === undefined ? {} : { scope }),
      },
    );
  });

  it.each([
    ['create', 'c'],
    ['update', 'u'],
    ['delete', 'd'],
  ] as const)(
    'asks for the letter s beside its own where a %s begins with a search',
    (interaction, letter) => {
      const ask = (scope: string, conditional: boolean) =>
        new ScopeAccessPolicy(noRoles).decide({
          principal: { ...alice, scopes: scope.split(' ') },
          interaction,
          resourceType: 'Patient',
          ...(conditional ? { conditional } : {}),
        }).kind;
      expect(ask(`user/Patient.${letter}`, false)).toBe('permit');
      expect(ask(`user/Patient.${letter}`, true)).toBe('deny');
      expect(ask(`user/Patient.${letter}s`, true)).toBe('permit');
      expect(ask('user/Patient.rs', true)).toBe('deny');
      expect(ask(`user/Patient.${letter} user/*.s`, true)).toBe('permit');
      expect(ask(`user/Patient.${letter} user/Observation.s`, true)).toBe('deny');
    },
  );

  it('lets patch who may read or find, since what a patch comes to tells what is stored', () => {
    const ask = (scope: string, conditional = false) =>
      new ScopeAccessPolicy(noRoles).decide({
        principal: { ...alice, scopes: scope.split(' ') },
        interaction: 'patch',
        resourceType: 'Patient',
        ...(conditional ? { conditional } : {}),
      });
    expect(ask('user/Patient.u')).toMatchObject({ kind: 'deny', scope: 'user/Patient.ru' });
    expect(ask('user/Patient.u user/Observation.rs')).toMatchObject({ kind: 'deny' });
    expect(ask('user/Patient.u', true)).toMatchObject({ kind: 'deny', scope: 'user/Patient.rus' });
    for (const scope of ['user/Patient.ru', 'user/Patient.us', 'user/Patient.u user/*.r']) {
      expect(ask(scope).kind).toBe('permit');
    }
    expect(ask('user/Patient.ru', true).kind).toBe('deny');
    expect(ask('user/Patient.us', true).kind).toBe('permit');
  });

  it('goes by the role alone where the check mode asks for no token', () => {
    expect(decide({ ...alice, scopes: null })).toBe('permit');
    expect(decide({ ...alice, scopes: null, roles: ['admin'] })).toBe('deny');
  });

  it('does not confuse two lists of scopes that read the same when joined', () => {
    const policy = new ScopeAccessPolicy(noRoles);
    const ask = (scopes: string[]) =>
      policy.decide({ principal: { ...alice, scopes }, interaction: 'read', resourceType: 'Patient' }).kind;
    expect(ask(['user/Patient.r', 'openid'])).toBe('permit');
    expect(ask(['user/Patient.r openid'])).toBe('deny');
  });

  describe('of AuditEvents', () => {
    const ask = (principal: Principal, interaction: AccessRequest['interaction'] = 'search-type') =>
      constraints(principal, { interaction, resourceType: 'AuditEvent' });
    const named: Principal = { ...alice, scopes: ['user/AuditEvent.rs'] };
    const auditor: Principal = { ...named, roles: ['auditor'] };

    it('lets auditors read them by a scope that names them, or by the role alone', () => {
      expect(ask(auditor)).toEqual([[]]);
      expect(ask(auditor, 'read')).toEqual([[]]);
      expect(ask({ ...auditor, scopes: null }, 'history-type')).toEqual([[]]);
      expect(ask({ ...auditor, scopes: ['user/*.rs'] })).toBe('scope');
      expect(ask({ ...auditor, scopes: ['user/AuditEvent.rs?action=C'] })).toEqual([
        [{ query: 'action=C', by: 'client' }],
      ]);
    });

    it('shows auditors nothing else', () => {
      expect(decide({ ...auditor, scopes: ['user/*.rs'] })).toBe('deny');
      expect(decide({ ...auditor, scopes: null })).toBe('deny');
      expect(decide({ ...auditor, scopes: null }, { interaction: 'search-system', resourceType: null })).toBe(
        'deny',
      );
    });

    it.each(['read', 'vread', 'search-type', 'history-instance', 'history-type', 'search-system'] as const)(
      'shows them to nobody else, by %s',
      (interaction) => {
        expect(ask(named, interaction)).toBe('role');
        expect(ask({ ...named, scopes: null }, interaction)).toBe('role');
        expect(ask({ ...named, roles: ['admin', 'service'] }, interaction)).toBe('role');
        expect(ask({ ...alice, kind: 'anonymous', scopes: null, roles: [] }, interaction)).toBe('role');
        expect(ask(loader, interaction)).toBe('scope');
      },
    );

    it('shows a patient those of the own record, and a client all, where a scope names them', () => {
      const own: Principal = { ...alice, roles: ['patient'], fhirUser: 'Patient/p', patient: 'p' };
      expect(ask({ ...own, scopes: ['patient/AuditEvent.rs'] })).toEqual([[ofPatient('p'), ofPatient('p')]]);
      expect(ask({ ...own, scopes: ['patient/*.rs'] })).toBe('scope');
      expect(ask({ ...own, scopes: null })).toBe('role');
      expect(ask({ ...loader, scopes: ['system/AuditEvent.rs'] })).toEqual([[]]);
    });

    it.each(['update', 'patch', 'delete'] as const)('never permits %s', (interaction) => {
      for (const principal of [
        { ...auditor, roles: ['auditor', 'practitioner', 'admin'], scopes: ['user/AuditEvent.cruds'] },
        { ...auditor, roles: ['practitioner', 'auditor'], scopes: null },
        { ...loader, scopes: ['system/AuditEvent.cruds'] },
        { ...alice, kind: 'anonymous' as const, scopes: null },
      ]) {
        expect(ask(principal, interaction)).toBe('append-only');
      }
    });

    it('lets those add some who may add anything', () => {
      expect(ask(loader, 'create')).toEqual([[]]);
      expect(ask({ ...auditor, scopes: null }, 'create')).toBe('role');
    });
  });
});
