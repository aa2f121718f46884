import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { collectProblems, fitsWidth, launchChromium, takePicture } from '../kit/browser.js';
import { databases } from '../kit/databases.js';
import { SampleApp, signIn } from './sample-app.js';

/** The SMART JavaScript client of others, in a real browser. */
describe.each(databases)('the sample SMART app on fhirclient, on $name', (database) => {
  let app: SampleApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];
  let tokenRequests: URLSearchParams[];

  const isTokenRequest = (request: Request): boolean =>
    request.url() === `${app.server.url}/oauth2/token` && request.method() === 'POST';
  const allow = (opened: Page): Promise<void> => opened.getByRole('button', { name: 'Allow' }).click();
  const rows = (opened: Page): Promise<string[]> => opened.getByRole('row').allInnerTexts();
  const choose = async (opened: Page, patient: RegExp): Promise<void> => {
    await opened.getByRole('button', { name: 'Search' }).click();
    await opened.getByRole('button', { name: patient }).click();
  };
  const start = async (opened: Page): Promise<void> => {
    await opened.goto(`${app.url}fhirclient.html`);
    await opened.getByRole('button', { name: 'Sign in' }).click();
  };
  /** The answer to a request of this window, before the app looks at it. */
  const untakenAnswer = async (): Promise<URL> => {
    await start(page);
    await signIn(page);
    await choose(page, /Anna Keller/);
    await page.route('**/fhirclient.js', (route) => route.abort());
    await allow(page);
    await page.waitForURL(/fhirclient\.html\?code=/);
    await page.unroute('**/fhirclient.js');
    return new URL(page.url());
  };
  /** What the library keeps for this window. */
  const stateOf = async (opened: Page): Promise<{ tokenResponse: Record<string, string> }> =>
    JSON.parse(
      await opened.evaluate<string>(
        "sessionStorage.getItem(JSON.parse(sessionStorage.getItem('SMART_KEY') ?? '\"\"')) ?? '{}'",
      ),
    ) as { tokenResponse: Record<string, string> };
  const observationsWith = async (token: string): Promise<{ status: number; ids: string[] }> => {
    const answer = await fetch(`${app.server.url}/fhir/r4/Observation`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { entry = [] } = (await answer.json()) as { entry?: { resource: { id: string } }[] };
    return { status: answer.status, ids: entry.map(({ resource }) => resource.id) };
  };

  beforeAll(async () => {
    app = await SampleApp.start(await database.create());
    browser = await launchChromium();
  });

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    problems = collectProblems(page);
    tokenRequests = [];
    page.on('request', (request) => {
      if (isTokenRequest(request)) tokenRequests.push(new URLSearchParams(request.postData() ?? ''));
    });
  });

  afterEach(() => context.close());

  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });

  it('starts by itself, reads the patient who was picked, and renews its tokens after an hour', async () => {
    await page.clock.install();
    await start(page);
    await signIn(page);
    await choose(page, /Anna Keller/);
    await allow(page);
    await page.getByRole('heading', { name: 'Anna Keller, born 1974-12-25' }).waitFor();
    expect(await rows(page)).toEqual(['What\tWhen\tValue', 'Weight\t\t61.5 kg']);
    expect(await page.getByText('Dr. Alice Moreau').count()).toBe(1);
    expect(page.url()).toBe(`${app.url}fhirclient.html`);
    expect(tokenRequests.map((form) => form.get('grant_type'))).toEqual(['authorization_code']);
    expect(tokenRequests[0]?.get('code_verifier')).toMatch(/^[\w.~-]{43,128}$/);
    const first = (await stateOf(page)).tokenResponse;

    await page.clock.fastForward('01:01:00');
    await page.getByRole('button', { name: 'Read again' }).click();
    await expect(until(() => stateOf(page), first.access_token)).resolves.toMatchObject({
      patient: 'anna',
      token_type: 'Bearer',
    });
    expect(tokenRequests.map((form) => form.get('grant_type'))).toEqual([
      'authorization_code',
      'refresh_token',
    ]);
    const second = (await stateOf(page)).tokenResponse;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await observationsWith(second.access_token ?? '')).toEqual({
      status: 200,
      ids: ['weight-of-anna'],
    });

    await page.reload();
    await page.getByRole('heading', { name: 'Anna Keller, born 1974-12-25' }).waitFor();
    expect(tokenRequests).toHaveLength(2);
    expect(problems).toEqual([]);
  });

  it('is started by an EHR, once, with the patient and encounter that are open there', async () => {
    const address = await app.launchAddress('fhirclient-launch.html', {
      ...{ patient: 'bruno', encounter: 'visit-of-bruno' },
      ...{ intent: 'show-weight', needPatientBanner: false },
    });
    await page.goto(address);
    await signIn(page);
    await page.getByRole('heading', { name: 'Allow Weight chart access?' }).waitFor();
    expect(await page.getByText('Bruno Keller').count()).toBe(1);
    await allow(page);
    await page.getByRole('heading', { name: 'Observations' }).waitFor();
    expect(await rows(page)).toEqual(['What\tWhen\tValue', 'Weight\t\t81 kg']);
    for (const text of ['visit-of-bruno', 'show-weight']) {
      expect([text, await page.getByText(text).count()]).toEqual([text, 1]);
    }
    expect(problems).toEqual([]);

    await page.goto(address);
    await page.getByRole('heading', { name: 'This launch can’t go on' }).waitFor();
    await page.getByRole('button', { name: 'Back to Weight chart' }).click();
    await page.getByText('the launch was not completed').waitFor();
  });

  it('refuses an answer with the state of no request, without asking for a token', async () => {
    const answer = await untakenAnswer();
    answer.searchParams.set('state', 'of-somebody-else');
    await page.goto(answer.href);
    await page.getByText('No state found! Please (re)launch the app.').waitFor();
    expect(tokenRequests).toEqual([]);
    expect(await page.getByRole('table').isVisible()).toBe(false);
  });

  it('takes the answer that it got', async () => {
    await page.goto((await untakenAnswer()).href);
    await page.getByRole('heading', { name: /Anna Keller/ }).waitFor();
    expect(tokenRequests).toHaveLength(1);
  });

  it.each([
    ['another server', (issuer: string) => issuer.replace('/oauth2', '/other')],
    ['nobody', () => ''],
  ])('refuses an answer from %s (RFC 9207)', async (_name, change) => {
    const answer = await untakenAnswer();
    answer.searchParams.set('iss', change(answer.searchParams.get('iss') ?? ''));
    await page.goto(answer.href);
    await page.getByText('This answer is from another server.').waitFor();
    expect(tokenRequests).toEqual([]);
  });

  it('keeps the patients of two launches in one session apart, on refreshes too', async () => {
    await start(page);
    await signIn(page);
    await choose(page, /Anna Keller/);
    const other = await context.newPage();
    await other.goto(await app.launchAddress('fhirclient-launch.html', { patient: 'bruno' }));
    await other.getByRole('heading', { name: 'Allow Weight chart access?' }).waitFor();
    await allow(page);
    await page.getByRole('heading', { name: /Anna Keller/ }).waitFor();
    await allow(other);
    await other.getByRole('heading', { name: /Bruno Keller/ }).waitFor();
    for (const [opened, weight, patient] of [
      [page, '61.5 kg', 'anna'],
      [other, '81 kg', 'bruno'],
    ] as const) {
      expect(await rows(opened)).toEqual(['What\tWhen\tValue', `Weight\t\t${weight}`]);
      const before = (await stateOf(opened)).tokenResponse;
      const answer = await fetch(`${app.server.url}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          ...{ grant_type: 'refresh_token', client_id: 'smart-app-example' },
          refresh_token: before.refresh_token ?? '',
        }),
      });
      const after = (await answer.json()) as Record<string, string>;
      expect([answer.status, after.patient]).toEqual([200, patient]);
      expect(await observationsWith(after.access_token ?? '')).toEqual({
        status: 200,
        ids: [`weight-of-${patient}`],
      });
    }
  });

  it.each([
    ['a server that it does not know', 'iss=https%3A%2F%2Fevil.example.org&launch=x', 'does not know'],
    ['what no EHR sends', 'launch=x&fhirServiceUrl=https%3A%2F%2Fevil.example.org', 'which no EHR sends'],
    ['no launch', 'iss=x', 'The launch is missing'],
  ])('is not started by an address with %s', async (_name, query, message) => {
    await page.goto(`${app.url}fhirclient-launch.html?${query}`);
    await page.getByText(message).waitFor();
    expect(page.url()).toContain(app.url);
  });

  it('fits into a narrow window', async () => {
    await page.setViewportSize({ width: 320, height: 800 });
    await page.goto(await app.launchAddress('fhirclient-launch.html', { patient: 'anna' }));
    await signIn(page);
    await allow(page);
    await page.getByRole('heading', { name: 'Anna Keller, born 1974-12-25' }).waitFor();
    await takePicture(page, 'fhirclient-narrow');
    expect(await fitsWidth(page)).toBe(true);
    expect(problems).toEqual([]);
  });
});

/** The token response once its access token is another one. */
async function until(
  read: () => Promise<{ tokenResponse: Record<string, string> }>,
  before: string | undefined,
): Promise<Record<string, string>> {
  for (let attempt = 0; ; attempt += 1) {
    const { tokenResponse } = await read();
    if (tokenResponse.access_token !== before || attempt === 1_200) return tokenResponse;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
