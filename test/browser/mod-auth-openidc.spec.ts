import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium, takePicture } from '../kit/browser.js';
import { databases } from '../kit/databases.js';
import { headersShown, nora, RelyingApache } from './relying-apache.js';

describe.each(databases)("Apache's mod_auth_openidc on $name", (database) => {
  let all: RelyingApache;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    all = await RelyingApache.start(await database.create());
    browser = await launchChromium();
  });

  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
  });

  afterEach(() => context.close());

  afterAll(async () => {
    await browser?.close();
    await all?.stop();
  });

  const signIn = async (opened = page): Promise<void> => {
    await opened.getByLabel('User name').fill(nora.username);
    await opened.getByLabel('Password').fill(nora.password);
    await opened.keyboard.press('Enter');
  };
  const enter = async (address: string, opened = page): Promise<void> => {
    await opened.goto(address);
    await signIn(opened);
    await opened.getByRole('button', { name: 'Allow' }).click();
    await opened.waitForURL(address);
  };
  const isAskedToSignIn = async (address: string, opened = page): Promise<boolean> => {
    await opened.goto(address);
    return opened.url().startsWith(all.server.url);
  };
  const patientsWith = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${all.server.url}/fhir/r4/Patient`, { headers });

  it('leads back to the page that was asked for, with who it is and a token for the FHIR endpoint', async () => {
    const address = `${all.site('plain')}/wards/7?view=all`;
    const asked = page.waitForRequest((request) => request.url().includes('/oauth2/authorize?'));
    await enter(address);
    expect(Object.fromEntries(new URL((await asked).url()).searchParams)).toMatchObject({
      ...{ client_id: 'intranet', code_challenge_method: 'S256' },
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    });
    const headers = await headersShown(page);
    expect(headers).toMatchObject({
      oidc_claim_sub: 'nora',
      oidc_claim_preferred_username: 'nora',
      oidc_claim_fhiruser: `${all.server.url}/fhir/r4/Practitioner/nora`,
      oidc_claim_iss: `${all.server.url}/oauth2`,
      oidc_access_token_type: 'Bearer',
      oidc_scope: 'openid profile fhirUser online_access user/*.rs',
    });
    const token = String(headers.oidc_access_token);
    expect((await patientsWith({ authorization: `Bearer ${token}` })).status).toBe(200);

    await sleep(1500);
    await page.reload();
    const renewed = String((await headersShown(page)).oidc_access_token);
    expect(renewed).not.toBe(token);
    expect((await patientsWith({ authorization: `Bearer ${renewed}` })).status).toBe(200);
  });

  it('asks userinfo again, and sees what has changed', async () => {
    const address = `${all.site('plain')}/`;
    await enter(address);
    const change = (fhirUser: string): Promise<unknown> =>
      all.management.call('PATCH', 'users/nora', { fhirUser }, { 'if-match': '*' });
    await change('Practitioner/nora-2');
    try {
      await sleep(1500);
      await page.reload();
      const { oidc_userinfo_json: userinfo } = await headersShown(page);
      expect(JSON.parse(String(userinfo))).toMatchObject({
        sub: 'nora',
        fhirUser: `${all.server.url}/fhir/r4/Practitioner/nora-2`,
      });
    } finally {
      await change(nora.fhirUser);
    }
  });

  /** What the site answers with when the person refuses. */
  const denied = async (address: string, callback: string): Promise<number | undefined> => {
    await page.goto(address);
    await signIn();
    const answered = page.waitForResponse((response) => response.url().startsWith(callback));
    await page.getByRole('button', { name: 'Deny' }).click();
    return (await answered).status();
  };

  it('says that the person refused where it takes the answer by form, and lets nobody in', async () => {
    const address = `${all.site('posting')}/wards/7`;
    const callback = `${all.site('posting')}/oidc/callback`;
    expect(await denied(address, callback)).toBe(400);
    await page.waitForURL(callback);
    await takePicture(page, 'apache-denied');
    expect(await page.textContent('body')).toBe(
      'Not signed in: OpenID Connect Provider error: access_denied (the user denied the access)',
    );
    expect(await isAskedToSignIn(address)).toBe(true);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(address);
    expect(await headersShown(page)).toMatchObject({ oidc_claim_sub: 'nora' });
  });

  it('takes iss for another kind of request where it gets the refusal by address, and lets nobody in', async () => {
    const address = `${all.site('plain')}/wards/7`;
    const callback = `${all.site('plain')}/oidc/callback`;
    expect(await denied(address, callback)).toBe(500);
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
      ...{ error: 'access_denied', iss: `${all.server.url}/oauth2` },
    });
    expect(await page.getByText('oidc_claim_sub').count()).toBe(0);
    expect(await isAskedToSignIn(address)).toBe(true);
  });

  it('signs out at the site and at the server', async () => {
    const address = `${all.site('plain')}/wards/7`;
    await enter(address);
    const { oidc_access_token: token } = await headersShown(page);
    const back = `${all.site('plain')}/signed-out`;
    await page.goto(`${all.site('plain')}/oidc/callback?logout=${encodeURIComponent(back)}`);
    expect(page.url().startsWith(`${all.server.url}/oauth2/logout?`)).toBe(true);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(back);
    expect((await patientsWith({ authorization: `Bearer ${String(token)}` })).status).toBe(401);
    expect(await isAskedToSignIn(address)).toBe(true);
    expect(await page.getByLabel('Password').count()).toBe(1);
  });

  it('ends the session at the site when the person signs out at the server, and no other', async () => {
    const address = `${all.site('plain')}/wards/7`;
    await enter(address);
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await enter(address, other);
    expect(await isAskedToSignIn(address)).toBe(false);

    await page.goto(`${all.server.url}/oauth2/logout`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Done' }).waitFor();
    expect(await isAskedToSignIn(address)).toBe(true);
    expect(await isAskedToSignIn(address, other)).toBe(false);
    await elsewhere.close();
  });

  it('signs in by FAPI 2: pushed request, private_key_jwt, PKCE, and a token bound to its key', async () => {
    const address = `${all.site('strict')}/results?of=7`;
    const asked = page.waitForRequest((request) => request.url().includes('/oauth2/authorize?'));
    await enter(address);
    const { searchParams } = new URL((await asked).url());
    expect([...searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const headers = await headersShown(page);
    expect(headers).toMatchObject({ oidc_claim_sub: 'nora', oidc_access_token_type: 'DPoP' });

    const token = String(headers.oidc_access_token);
    const proof = await page.request.get(`${all.site('strict')}/oidc/callback`, {
      params: { dpop: token, url: `${all.server.url}/fhir/r4/Patient`, method: 'GET' },
    });
    const { DPoP: dpop = '' } = (await proof.json()) as { DPoP?: string };
    expect((await patientsWith({ authorization: `DPoP ${token}`, dpop })).status).toBe(200);
    expect((await patientsWith({ authorization: `DPoP ${token}`, dpop })).status).toBe(401);
    expect((await patientsWith({ authorization: `Bearer ${token}` })).status).toBe(401);
  });

  describe.each(['introspecting', 'verifying'] as const)('as resource server, %s', (site) => {
    const ask = async (token: string): Promise<{ status: number; headers: Record<string, string> }> => {
      const answer = await fetch(`${all.site(site)}/api/results`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: answer.ok ? (JSON.parse(text) as Record<string, string>) : {},
      };
    };

    it('takes a token for it, and says whose it is', async () => {
      const { status, headers } = await ask(await all.serviceToken(site));
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        oidc_claim_client_id: 'analyser',
        oidc_claim_scope: 'system/Observation.rs',
        oidc_claim_aud: `${all.site(site)}/api`,
      });
    });

    it('refuses a token for another site, one with less, and one that was changed', async () => {
      const other = site === 'verifying' ? 'introspecting' : 'verifying';
      expect((await ask(await all.serviceToken(other))).status).toBe(401);
      expect((await ask(await all.serviceToken(site, 'system/Patient.rs'))).status).toBe(401);
      const [head = '', payload = '', signature = ''] = (await all.serviceToken(site)).split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
      const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url');
      expect((await ask([head, changed, signature].join('.'))).status).toBe(401);
    });
  });

  it('refuses a revoked token at once where it asks the server', async () => {
    const token = await all.serviceToken('introspecting');
    const ask = (): Promise<Response> =>
      fetch(`${all.site('introspecting')}/api/results`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask()).status).toBe(200);
    expect((await all.asAnalyser('revocation', { token })).status).toBe(200);
    expect((await ask()).status).toBe(401);
  });
});
