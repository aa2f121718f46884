import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { databases } from '../../kit/databases.js';
import { send } from '../../kit/http.js';
import { addClient, addUsers, fhirBase, publicClient, publicUrl, redirectUri, start } from './application.js';
import { answerOf, authorizationRequest, basic, Browser, postForm } from './browser.js';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(databases)('what clients are told of their errors on $name', (database) => {
  let app: NestFastifyApplication;
  let secret = '';

  beforeAll(async () => {
    app = await start(await database.create());
    await addUsers(app);
    await addClient(app, publicClient);
    secret = await addClient(app, {
      clientId: 'service',
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
    });
  });

  afterAll(() => app.close());

  const told = async (
    path: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly unknown[]> => {
    const answer = await postForm(app, `/oauth2${path}`, form, headers);
    return [answer.statusCode, answer.json().error];
  };

  it.each([
    ['/token', { grant_type: 'client_credentials' }],
    ['/introspection', { token: 'x' }],
    ['/revocation', { token: 'x' }],
    ['/par', { response_type: 'code' }],
    ['/device_authorization', { scope: 'openid' }],
  ])('nobody authenticates at %s: invalid_client', async (path, form) => {
    expect(await told(path, form)).toEqual([401, 'invalid_client']);
  });

  it.each(['', 'x', 'a.b.c', `${Buffer.from('{}').toString('base64url')}.x.y`])(
    'an assertion that is no JWT: invalid_client (%j)',
    async (assertion) => {
      const form = {
        grant_type: 'client_credentials',
        client_id: 'service',
        client_assertion_type: assertionType,
        client_assertion: assertion,
      };
      expect(await told('/token', form)).toEqual([401, 'invalid_client']);
    },
  );

  it('a request that is malformed otherwise: invalid_request', async () => {
    const jwt = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"sub":"service"}').toString('base64url')}.x`;
    const grant = { grant_type: 'client_credentials' };
    const service = basic('service', secret);
    const malformed: readonly [object, Record<string, string>][] = [
      [{ ...grant, client_assertion: jwt, client_assertion_type: 'another' }, {}],
      [{ ...grant, client_assertion: jwt }, {}],
      [{ ...grant, client_assertion: 'x', client_assertion_type: assertionType, client_secret: 'y' }, {}],
      [{ ...grant, client_id: 'growth-app' }, service],
      [grant, { authorization: 'Basic ###' }],
      [{}, service],
      [{ grant_type: 'authorization_code', client_id: 'growth-app' }, {}],
    ];
    for (const [form, headers] of malformed) {
      expect([form, ...(await told('/token', form as Record<string, string>, headers))]).toEqual([
        form,
        400,
        'invalid_request',
      ]);
    }
    const unread = await send(app, {
      method: 'POST',
      url: '/oauth2/token',
      headers: { 'content-type': 'application/json' },
      payload: '{"grant_type":"client_credentials"}',
    });
    expect([unread.statusCode, unread.json().error]).toEqual([400, 'invalid_request']);
  });

  it('a grant that the client is not registered for: unauthorized_client', async () => {
    const grants = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
    for (const grant_type of grants) {
      const form = { grant_type, code: 'x', refresh_token: 'x', device_code: 'x', redirect_uri: redirectUri };
      expect(await told('/token', form, basic('service', secret))).toEqual([400, 'unauthorized_client']);
    }
    const form = { grant_type: 'client_credentials', client_id: 'growth-app' };
    expect(await told('/token', form)).toEqual([400, 'unauthorized_client']);
    expect(await told('/token', { ...form, grant_type: 'password' })).toEqual([
      400,
      'unsupported_grant_type',
    ]);
  });

  it('aud at the token endpoint names the audience of the grant, or the token is refused', async () => {
    const redeem = async (more: Record<string, string>): Promise<readonly unknown[]> => {
      const { address, verifier } = authorizationRequest({
        scope: 'user/*.rs offline_access',
        aud: fhirBase,
      });
      const browser = new Browser(app);
      const consent = await browser.signIn(await browser.follow(await browser.get(address)));
      const code = answerOf(await browser.submit(consent, { decision: 'allow' })).get('code') ?? '';
      const answer = await postForm(app, '/oauth2/token', {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        client_id: 'growth-app',
        ...more,
      });
      const { error = null, refresh_token: refreshToken } = answer.json();
      return [error, refreshToken];
    };
    const [none, refreshToken] = await redeem({ aud: `${fhirBase}/` });
    expect(none).toBeNull();
    expect((await redeem({ aud: `${publicUrl}/csp/healthshare/fhirserver/fhir/r4` }))[0]).toBe(
      'invalid_target',
    );
    const refresh = {
      grant_type: 'refresh_token',
      refresh_token: String(refreshToken),
      client_id: 'growth-app',
    };
    expect(await told('/token', { ...refresh, aud: 'https://other.example.org' })).toEqual([
      400,
      'invalid_target',
    ]);
    expect(await told('/token', { ...refresh, aud: fhirBase })).toEqual([200, undefined]);
  });
});
