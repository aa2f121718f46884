import type { TokenEndpointGrantContext } from 'oidc-provider';
import { beforeGrant } from './token-rules.js';

interface Given {
  readonly value?: string | undefined;
  readonly scope?: string;
  readonly resource?: string;
  readonly token?: {
    readonly clientId?: string;
    readonly scopes?: readonly string[];
    readonly resource?: string | readonly string[];
    readonly sessionUid?: string;
    readonly accountId?: string;
  };
  /** By uid: whose it is. */
  readonly sessions?: Readonly<Record<string, string | undefined>>;
}

/** What the engine has of a request for a new token, and how the rules change it. */
function refresh(given: Given) {
  const { scope, resource, token = {}, sessions = { s1: 'alice' } } = given;
  const { clientId = 'app', scopes = ['offline_access'], ...rest } = token;
  const stored = {
    ...{ clientId, scopes: new Set(scopes), sessionUid: 's1', accountId: 'alice' },
    resource: 'https://fhir.example.org/fhir/r4',
    ...rest,
  };
  const announced: unknown[] = [];
  const params: Record<string, unknown> = {
    refresh_token: 'value' in given ? given.value : 'value',
    ...(scope === undefined ? {} : { scope }),
    ...(resource === undefined ? {} : { resource }),
  };
  const oidc = {
    params,
    client: { clientId: 'app', firekeep: { clientId: 'app', scope: 'system/*.rs user/*.rs' } },
    entity: (name: string, entity: unknown) => announced.push([name, entity]),
    provider: {
      RefreshToken: { find: (value: string) => Promise.resolve(value === 'value' ? stored : undefined) },
      Session: {
        findByUid: (uid: string) =>
          Promise.resolve(uid in sessions ? { accountId: sessions[uid] } : undefined),
      },
    },
  };
  const ctx = { oidc } as unknown as TokenEndpointGrantContext;
  const outcome = beforeGrant(ctx, 'refresh_token').then(
    () => 'goes on',
    (error: unknown) => (error as { error: string }).error,
  );
  return { outcome, params, oidc, announced };
}
const outcomeOf = (given: Given): Promise<string> => refresh(given).outcome;

describe('a refresh token with online_access', () => {
  const online = { scopes: ['online_access', 'user/*.rs'] };

  it('is good while its user is signed in', async () => {
    expect(await outcomeOf({ token: online })).toBe('goes on');
  });

  it.each<[string, Given]>([
    ['is there no more', { token: online, sessions: {} }],
    ['has nobody signed in', { token: online, sessions: { s1: undefined } }],
    ['is another user’s by now', { token: online, sessions: { s1: 'bob' } }],
    ['was never named', { token: { ...online, sessionUid: undefined as unknown as string } }],
    ['is another one', { token: { ...online, sessionUid: 's2' }, sessions: { s1: 'alice' } }],
    [
      'and user are both unknown',
      { token: { ...online, accountId: undefined as unknown as string }, sessions: { s1: undefined } },
    ],
  ])('ends where its session %s', async (_, given) => {
    expect(await outcomeOf(given)).toBe('invalid_grant');
  });

  it('ends with the session beside any other scope, and not with offline_access', async () => {
    expect(await outcomeOf({ token: { scopes: ['user/*.rs'] }, sessions: {} })).toBe('invalid_grant');
    const both = { scopes: ['online_access', 'offline_access'] };
    expect(await outcomeOf({ token: both, sessions: {} })).toBe('goes on');
  });
});

describe('a refresh token', () => {
  it('of another client is left to the engine, and so is one that there is not', async () => {
    const other = { clientId: 'other', scopes: ['user/*.rs'] };
    const { outcome, params } = refresh({ scope: 'user/*.cruds', token: other, sessions: {} });
    expect([await outcome, params.scope]).toEqual(['goes on', 'user/*.cruds']);
    for (const value of ['unknown', undefined]) {
      const { outcome } = refresh({ value, scope: 'user/*.cruds', sessions: {} });
      expect(await outcome).toBe('goes on');
    }
  });

  it('is for its own audience', async () => {
    const base = 'https://fhir.example.org/fhir/r4';
    expect(await outcomeOf({ resource: base })).toBe('goes on');
    expect(await outcomeOf({ resource: `${base}/other` })).toBe('invalid_target');
    const several = { resource: ['https://one.example', base] };
    expect(await outcomeOf({ resource: base, token: several })).toBe('goes on');
    expect(await outcomeOf({ resource: 'https://two.example', token: several })).toBe('invalid_target');
    expect(await outcomeOf({})).toBe('goes on');
  });
});

describe('less scope than was granted', () => {
  const token = { scopes: ['openid', 'offline_access', 'user/*.read', 'user/Patient.rs'] };

  it('is asked of the engine by the words of the grant, and given by those of the request', async () => {
    const { outcome, params, oidc, announced } = refresh({ scope: 'openid user/Observation.rs', token });
    expect([await outcome, params.scope]).toEqual(['goes on', 'openid user/*.read']);
    const refreshToken = { scope: 'openid user/*.read' };
    const accessToken = { scope: 'openid user/*.read' };
    oidc.entity('RefreshToken', refreshToken);
    oidc.entity('AccessToken', accessToken);
    expect(refreshToken.scope).toBe('openid user/*.read');
    expect(accessToken.scope).toBe('openid user/Observation.rs');
    expect(announced).toEqual([
      ['RefreshToken', refreshToken],
      ['AccessToken', accessToken],
    ]);
  });

  it('is never more than what the engine left of it', async () => {
    const { outcome, oidc } = refresh({ scope: 'openid user/Observation.rs', token });
    await outcome;
    const left = { scope: 'openid' };
    oidc.entity('AccessToken', left);
    expect(left.scope).toBe('openid');
    const none: { scope?: string } = {};
    oidc.entity('AccessToken', none);
    expect(none.scope).toBe('');
    const unreadable = { scope: 'user/Observation.xyz' };
    oidc.entity('AccessToken', unreadable);
    expect(unreadable.scope).toBe('');
  });

  it.each(['user/*.cruds', 'user/Observation.c', 'patient/*.rs', 'system/*.rs', 'fhirUser', 'no scope'])(
    'is refused where it is not less: %s',
    async (scope) => {
      const { outcome, params } = refresh({ scope, token });
      expect(await outcome).toBe('invalid_scope');
      expect(params.scope).toBe(scope);
    },
  );

  it('is refused where one of several is beyond the grant', async () => {
    expect(await outcomeOf({ scope: 'openid user/Patient.rs user/Patient.d', token })).toBe('invalid_scope');
  });

  it('is refused where what was granted can’t be read any more', async () => {
    expect(await outcomeOf({ scope: 'openid', token: { scopes: ['offline_access', 'user/odd'] } })).toBe(
      'invalid_scope',
    );
  });

  it.each([undefined, '', '  '])('is not meant by %j', async (scope) => {
    const { outcome, params, oidc } = refresh({ ...(scope === undefined ? {} : { scope }), token });
    expect([await outcome, params.scope]).toEqual(['goes on', scope]);
    const accessToken = { scope: 'openid user/*.read' };
    oidc.entity('AccessToken', accessToken);
    expect(accessToken.scope).toBe('openid user/*.read');
  });
});

describe('a client that acts for itself', () => {
  const ask = async (scope: string | undefined, registered: string, grant = 'client_credentials') => {
    const params: Record<string, unknown> = { scope };
    const client = { firekeep: { clientId: 'app', scope: registered, firstParty: false } };
    await beforeGrant({ oidc: { params, client } } as unknown as TokenEndpointGrantContext, grant);
    return params.scope;
  };

  it('has the system/ scopes of its registration where it does not say', async () => {
    expect(await ask(undefined, 'openid user/*.rs system/Patient.rs system/Group.r')).toBe(
      'system/Patient.rs system/Group.r',
    );
    expect(await ask('system/Patient.r', 'system/Patient.rs')).toBe('system/Patient.r');
    expect(await ask(undefined, 'user/*.rs')).toBeUndefined();
  });

  it('has none by another grant', async () => {
    expect(await ask(undefined, 'system/*.rs', 'authorization_code')).toBeUndefined();
  });
});
