import { randomBytes } from 'node:crypto';
import * as openid from 'openid-client';
import { Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';
import { addClient, start } from './application.js';
import { Browser } from './browser.js';
import { post, startHttp, type HttpApplication } from './http-application.js';
import { discover } from './relying-party.js';

const trustProxy = ['127.0.0.0/8'];
const grant = 'urn:ietf:params:oauth:grant-type:device_code';

interface Device {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
}

describe.each(databases)('the device grant on $name', (database) => {
  let server: HttpApplication;
  let databaseUrl: string;
  const secretKey = randomBytes(32).toString('base64');

  beforeAll(async () => {
    // Each browser comes from another address, by a proxy that is believed.
    databaseUrl = await database.create();
    server = await startHttp(databaseUrl, { secretKey, trustProxy });
    for (const clientId of ['pump', 'other-pump']) {
      await addClient(server.app, {
        clientId,
        clientName: 'Infusion pump',
        tokenEndpointAuthMethod: 'none',
        grantTypes: [grant, 'refresh_token'],
        scope: 'openid fhirUser offline_access user/*.rs',
      });
    }
  });

  afterAll(() => server.app.close());

  const begin = async (form: Record<string, string> = {}): Promise<Device> => {
    const { status, json } = await post(`${server.issuer}/device_authorization`, {
      client_id: 'pump',
      scope: 'openid offline_access user/*.rs',
      ...form,
    });
    expect(status).toBe(200);
    return json as unknown as Device;
  };
  const poll = (code: string, client = 'pump') =>
    post(`${server.issuer}/token`, { grant_type: grant, device_code: code, client_id: client });
  const browser = (): Browser => new Browser(server.app, server.publicUrl);
  /** Up to the page that asks to compare the code. */
  const enter = async (userCode: string, by = browser()) =>
    by.submit(await by.get('/oauth2/device'), { user_code: userCode });
  const approve = async (userCode: string, by = browser()) => {
    let page = await by.submit(await enter(userCode, by), { confirm: 'yes' });
    if (page.body.includes('name="password"')) page = await by.signIn(page);
    return by.submit(page, { decision: 'allow' });
  };
  /** As if the pause that the server asks for had passed. */
  const wait = () =>
    server.app
      .get(Database, { strict: false })
      .transaction((session) => session.execute('UPDATE oauth2_device_poll SET polled_at = 0', []));

  it('is announced, with a short address and a code that can be read out', async () => {
    const device = await begin();
    expect(device.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(device.verification_uri).toBe(`${server.issuer}/device`);
    expect(device.expires_in).toBe(600);
    const smart = await (await fetch(`${server.fhirBase}/.well-known/smart-configuration`)).json();
    expect(smart).toMatchObject({
      device_authorization_endpoint: `${server.issuer}/device_authorization`,
      grant_types_supported: expect.arrayContaining([grant]),
    });
  });

  it('goes the whole way with openid-client, to the default endpoint where nothing is said', async () => {
    const configuration = await discover(server.issuer, 'pump', undefined, openid.None());
    const device = await openid.initiateDeviceAuthorization(configuration, {
      scope: 'openid fhirUser offline_access user/*.rs',
    });
    expect((await approve(device.user_code)).body).toContain('Connected');
    const tokens = await openid.pollDeviceAuthorizationGrant(configuration, { ...device, interval: 0 });
    expect(tokens.scope?.split(' ').sort()).toEqual(['fhirUser', 'offline_access', 'openid', 'user/*.rs']);
    expect(tokens.claims()).toMatchObject({
      sub: 'alice',
      fhirUser: `${server.fhirBase}/Practitioner/alice`,
    });
    const patients = await fetch(`${server.fhirBase}/Patient`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(patients.status).toBe(200);
    const refreshed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
    expect(refreshed.access_token).toBeDefined();
  });

  it('waits for the user, and slows down a device that asks too often', async () => {
    const { device_code: code, user_code: userCode } = await begin();
    expect((await poll(code)).json.error).toBe('authorization_pending');
    expect((await poll(code)).json.error).toBe('slow_down');
    await wait();
    const many = await Promise.all(Array.from({ length: 10 }, () => poll(code)));
    expect(many.filter(({ json }) => json.error === 'authorization_pending')).toHaveLength(1);
    expect(many.filter(({ json }) => json.error === 'slow_down')).toHaveLength(9);
    await approve(userCode);
    expect((await poll(code)).status).toBe(200);
  });

  it('grants what the user leaves of it', async () => {
    const { device_code: code, user_code: userCode } = await begin();
    const by = browser();
    const page = await by.signIn(await by.submit(await enter(userCode, by), { confirm: 'yes' }));
    expect(page.body).toContain('nowhere else');
    await by.submit(page, { decision: 'allow', scope: ['openid'] });
    expect((await poll(code)).json).toMatchObject({ scope: 'openid' });
  });

  it('gives tokens once, and to the device that asked', async () => {
    const { device_code: code, user_code: userCode } = await begin();
    await approve(userCode);
    expect((await poll(code, 'other-pump')).json.error).toBe('invalid_grant');
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => poll(code)));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await poll(code)).json.error).toBe('invalid_grant');
  });

  it('shows who asks and the code, and warns of codes that others sent', async () => {
    const { user_code: userCode, verification_uri_complete: link } = await begin();
    const by = browser();
    const filledIn = await by.get(link);
    expect(filledIn.body).toContain(`value="${userCode}"`);
    expect(filledIn.body).not.toContain('<script');
    expect(filledIn.headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    const page = await by.submit(filledIn, { user_code: userCode.toLowerCase().replace('-', '') });
    expect(page.body).toContain('Infusion pump');
    expect(page.body).toContain(userCode);
    expect(page.body).toContain('If somebody sent you the code or a link');
  });

  it('ends where the user cancels or denies', async () => {
    const cancelled = await begin();
    const by = browser();
    const page = await by.submit(await enter(cancelled.user_code, by), { abort: 'yes' });
    expect(page.body).toContain('Cancelled');
    expect((await poll(cancelled.device_code)).json.error).toBe('access_denied');
    const denied = await begin();
    let next = await by.submit(await enter(denied.user_code, by), { confirm: 'yes' });
    if (next.body.includes('name="password"')) next = await by.signIn(next);
    next = await by.submit(next, { decision: 'deny' });
    expect(next.body).toContain('Cancelled');
    expect((await poll(denied.device_code)).json.error).toBe('access_denied');
  });

  it('takes a form from its own page only', async () => {
    const { user_code: userCode, device_code: code } = await begin();
    const by = browser();
    await by.get('/oauth2/device');
    const forged = await by.post('/oauth2/device', { user_code: userCode, confirm: 'yes', xsrf: 'guess' });
    expect(forged.statusCode).toBe(400);
    const stranger = browser();
    const without = await stranger.post('/oauth2/device', { user_code: userCode, confirm: 'yes' });
    expect([without.statusCode, without.headers.location]).toEqual([303, '/oauth2/device']);
    expect((await poll(code)).json.error).toBe('authorization_pending');
  });

  it('takes a code that was used or cancelled no second time, and says no more than of a wrong one', async () => {
    const { user_code: used } = await begin();
    await approve(used);
    const again = await enter(used);
    const wrong = await enter('BBBB-BBBB');
    for (const page of [again, wrong]) {
      expect(page.statusCode).toBe(400);
      expect(page.body).toContain('This code is not known here, has expired or was used before.');
    }
  });

  describe('bounds how many codes an address may try', () => {
    /** Statuses of wrong codes that are tried at the same time, by turns at each of the servers. */
    const tries = async (address: string, count: number, issuers = [server.issuer]): Promise<number[]> => {
      const page = await fetch(`${server.issuer}/device`, { headers: { 'x-forwarded-for': address } });
      const cookie = page.headers
        .getSetCookie()
        .map((text) => text.split(';')[0])
        .join('; ');
      const xsrf = /name="xsrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? '';
      return Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const guess = `BCDF-GHJ${'KLMNPQRSTVWXZBCDFGHJKLMNPQRSTVWXZBCDFGHJKLMNPQRSTVWXZ'[index] ?? 'K'}`;
          const { status } = await fetch(`${issuers[index % issuers.length] ?? ''}/device`, {
            method: 'POST',
            headers: { cookie, 'x-forwarded-for': address },
            body: new URLSearchParams({ xsrf, user_code: guess, confirm: 'yes' }),
          });
          return status;
        }),
      );
    };
    const tried = (statuses: readonly number[]): number => statuses.filter((status) => status === 400).length;

    it('at once too, without holding up others', async () => {
      const attacker = await tries('203.0.113.7', 40);
      expect([tried(attacker), attacker.filter((status) => status === 429).length]).toEqual([10, 30]);
      expect(await tries('203.0.113.7', 1)).toEqual([429]);
      expect(await tries('203.0.113.8', 1)).toEqual([400]);
    });

    it('in all processes together', async () => {
      const second = await start(databaseUrl, { publicUrl: server.publicUrl, trustProxy }, secretKey);
      const other = `${await second.getUrl()}/oauth2`;
      const attacker = await tries('203.0.113.9', 40, [server.issuer, other]);
      expect(tried(attacker)).toBe(10);
      expect(await tries('203.0.113.9', 2, [server.issuer, other])).toEqual([429, 429]);
      await second.close();
    });

    it('of IPv6 a whole network, since one household has as many as it likes', async () => {
      expect(tried(await tries('2001:db8:1:2::1', 10))).toBe(10);
      expect(await tries('2001:db8:1:2:ffff:0:0:9', 1)).toEqual([429]);
      expect(await tries('2001:db8:1:3::1', 1)).toEqual([400]);
    });

    it('for ten minutes, and keeps no address', async () => {
      expect(tried(await tries('203.0.113.10', 12))).toBe(10);
      const storage = server.app.get(Database, { strict: false });
      const rows = await storage.query<{ payload: Buffer; expires_at: number }>(
        "SELECT payload, expires_at FROM oauth2_artifact WHERE model = 'UserCodeTry'",
        [],
      );
      expect(new Set(rows.map(({ payload }) => payload.toString()))).toEqual(new Set(['{}']));
      for (const { expires_at: time } of rows) {
        expect(Math.abs(time - Date.now() - 600_000)).toBeLessThan(60_000);
      }
      await storage.transaction((session) =>
        session.execute("UPDATE oauth2_artifact SET expires_at = ? WHERE model = 'UserCodeTry'", [
          Date.now() - 1,
        ]),
      );
      expect(tried(await tries('203.0.113.10', 12))).toBe(10);
    });

    it('and counts no code that is right', async () => {
      const by = browser();
      for (let round = 0; round < 12; round += 1) {
        expect((await enter((await begin()).user_code, by)).statusCode).toBe(200);
      }
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['another audience', { aud: 'https://other.example.org/fhir' }, 'invalid_target'],
    ['a scope that is not registered', { scope: 'user/*.cruds' }, 'invalid_scope'],
    ['a scope of clients without a user', { scope: 'system/*.rs' }, 'invalid_scope'],
  ])('refuses %s', async (_what, form, error) => {
    const { status, json } = await post(`${server.issuer}/device_authorization`, {
      client_id: 'pump',
      scope: 'openid',
      ...form,
    });
    expect({ status, error: json.error }).toEqual({ status: 400, error });
  });

  it('is for clients that are registered for it', async () => {
    await addClient(server.app, {
      clientId: 'no-device',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['https://app.example.com/callback'],
      grantTypes: ['authorization_code'],
      scope: 'openid user/*.rs',
    });
    const { json } = await post(`${server.issuer}/device_authorization`, {
      client_id: 'no-device',
      scope: 'openid',
    });
    expect(json.error).toBe('unauthorized_client');
  });

  it('keeps neither code in clear', async () => {
    const { user_code: userCode, device_code: code } = await begin();
    const rows = await server.app
      .get(Database, { strict: false })
      .query<{ user_code: unknown; payload: Buffer }>(
        "SELECT user_code, payload FROM oauth2_artifact WHERE model = 'DeviceCode'",
      );
    const text = rows.map((row) => `${String(row.user_code)} ${row.payload.toString('latin1')}`).join();
    expect(rows.length).toBeGreaterThan(0);
    expect(text).not.toContain(userCode.replace('-', ''));
    expect(text).not.toContain(code);
  });
});
