import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { collectProblems, fitsWidth, launchChromium, takePicture } from '../kit/browser.js';
import { sqlite } from '../kit/databases.js';
import { startServer, type ServerProcess } from '../kit/server-process.js';

const administrator = { username: 'admin', password: 'correct horse battery staple' };

/** Swagger UI at `/docs` as a person uses it. */
describe('the API documentation in a browser', () => {
  let server: ServerProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    server = await startServer(await sqlite.create(), {
      FIREKEEP_ADMIN_PASSWORD: administrator.password,
    });
    browser = await launchChromium();
  });

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    problems = collectProblems(page);
  });

  afterEach(() => context.close());

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const open = async (): Promise<void> => {
    await page.goto(`${server.url}/docs`);
    await page.locator('.opblock').first().waitFor();
  };

  /** Authorizes by a click on the button of one scheme, as the client that is filled in. */
  const authorize = async (scheme: string): Promise<void> => {
    await page.locator('.auth-wrapper > .authorize').click();
    const box = page.locator('.auth-container').filter({ hasText: `${scheme} (OAuth2` });
    expect(await box.locator('[data-name=clientId]').inputValue()).toBe('firekeep-docs');
    const [popup] = await Promise.all([
      context.waitForEvent('page'),
      box.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click(),
    ]);
    const closed = popup.waitForEvent('close');
    await popup.getByLabel('User name').fill(administrator.username);
    await popup.getByLabel('Password').fill(administrator.password);
    await popup.keyboard.press('Enter');
    await closed;
    await box.getByText('Authorized', { exact: true }).waitFor();
    await takePicture(page, `docs-authorized-${scheme}`);
    await page.locator('.modal-ux .btn-done').first().click();
  };

  const operation = (path: string, summary: string): Locator =>
    page
      .locator('.opblock')
      .filter({ has: page.locator(`[data-path="${path}"]`) })
      .filter({ has: page.getByText(summary, { exact: true }) });

  /** Opens an operation, executes it as it is filled in, and answers the status and the body that are shown. */
  const tryOut = async (path: string, summary: string): Promise<{ status: string; body: string }> => {
    const block = operation(path, summary);
    await block.locator('.opblock-summary-control').click();
    await block.getByRole('button', { name: 'Execute' }).click();
    const answer = block.locator('.live-responses-table');
    await answer.waitFor();
    return {
      status: (await answer.locator('.response-col_status').last().innerText()).trim(),
      body: await answer.locator('.highlight-code code').first().innerText(),
    };
  };

  it.each([
    ['wide', 1280],
    ['narrow', 320],
  ])('loads in a %s window without anything that its policy blocks', async (name, width) => {
    await page.setViewportSize({ width, height: 800 });
    const answer = await page.goto(`${server.url}/docs`);
    await page.locator('.opblock').first().waitFor();
    await takePicture(page, `docs-${name}`);
    expect(answer?.headers()['content-security-policy']).toContain("script-src 'self';");
    expect(await fitsWidth(page)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('lists one document for all and one a resource type, which loads when it is chosen', async () => {
    const loaded: string[] = [];
    page.on('response', (response) => {
      if (response.url().includes('openapi')) loaded.push(new URL(response.url()).pathname);
    });
    await open();
    const list = page.getByLabel('Select a definition');
    const names = await list.locator('option').allInnerTexts();
    expect(names).toHaveLength(147);
    expect(names[0]).toBe('Firekeep: OAuth2, administration, FHIR');
    expect(loaded).toEqual(['/docs/openapi.json']);

    await list.selectOption('FHIR Patient');
    await operation('/fhir/r4/Patient', 'Search').waitFor();
    expect(loaded).toEqual(['/docs/openapi.json', '/docs/openapi/Patient.json']);
    await takePicture(page, 'docs-patient');
    expect(problems).toEqual([]);
  });

  it('authorizes by a click for FHIR, generically and for one type', async () => {
    await open();
    await authorize('fhir');
    const generic = await tryOut('/fhir/r4/{type}', 'Search');
    expect(generic.status).toBe('200');
    expect(JSON.parse(generic.body)).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });

    await page.getByLabel('Select a definition').selectOption('FHIR Observation');
    await operation('/fhir/r4/Observation', 'Search').waitFor();
    expect((await tryOut('/fhir/r4/Observation', 'Search')).status).toBe('200');
    expect(problems).toEqual([]);
  });

  it('authorizes by a click for administration', async () => {
    await open();
    await authorize('administration');
    const { status, body } = await tryOut('/admin/api/v1/users', 'List users by name');
    expect(status).toBe('200');
    expect(JSON.parse(body)).toMatchObject({ items: [{ username: 'admin' }] });
    expect(problems).toEqual([]);
  });

  it('says what is missing where nobody is signed in', async () => {
    await open();
    const { status, body } = await tryOut('/fhir/r4/{type}', 'Search');
    expect(status).toBe('401');
    expect(JSON.parse(body)).toMatchObject({ resourceType: 'OperationOutcome' });
  });
});
