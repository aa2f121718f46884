import type { Browser, BrowserContext, Page } from 'playwright-core';
import { collectProblems, fitsWidth, launchChromium, takePicture } from '../kit/browser.js';
import { sqlite } from '../kit/databases.js';
import { SampleApp, signIn } from './sample-app.js';

describe('the sample SMART app', () => {
  let app: SampleApp;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    app = await SampleApp.start(await sqlite.create());
    browser = await launchChromium();
  });

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    problems = collectProblems(page);
  });

  afterEach(() => context.close());

  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });

  const pressTabsTo = async (name: RegExp): Promise<void> => {
    const button = page.getByRole('button', { name });
    for (let presses = 0; presses < 20; presses += 1) {
      if (await button.evaluate((element) => element === element.ownerDocument.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error('The button can’t be reached by keyboard.');
  };

  it.each([
    ['wide', 1280],
    ['narrow', 320],
  ])('starts by itself, for a patient who is picked by keyboard in a %s window', async (name, width) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(app.url);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await signIn(page);
    await page.getByRole('heading', { name: 'Choose a patient' }).waitFor();
    await takePicture(page, `patient-picker-${name}`);
    expect(await fitsWidth(page)).toBe(true);
    // The first field has the focus.
    await page.keyboard.type('kel');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Patients found' }).waitFor();
    await takePicture(page, `patient-picker-found-${name}`);
    expect(await fitsWidth(page)).toBe(true);
    expect(await page.getByRole('button', { name: /Keller/ }).count()).toBe(2);
    await pressTabsTo(/Anna Keller/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Allow Weight chart access?' }).waitFor();
    expect(await page.getByText('Anna Keller').count()).toBe(1);
    await takePicture(page, `consent-patient-${name}`);
    expect(await fitsWidth(page)).toBe(true);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByRole('heading', { name: 'Anna Keller, born 1974-12-25' }).waitFor();
    expect(await page.getByRole('row').allInnerTexts()).toEqual(['What\tWhen\tValue', 'Weight\t\t61.5 kg']);
    expect(await page.getByText('Dr. Alice Moreau').count()).toBe(1);
    expect(new URL(page.url()).search).toBe('');
    await takePicture(page, `smart-app-${name}`);
    expect(problems).toEqual([]);
  });

  it('is started by an EHR, with the patient and encounter that are open there, once', async () => {
    const address = await app.launchAddress('launch.html', {
      ...{ patient: 'bruno', encounter: 'visit-of-bruno' },
      ...{ intent: 'show-weight', needPatientBanner: false },
    });
    await page.goto(address);
    await signIn(page);
    await page.getByRole('heading', { name: 'Allow Weight chart access?' }).waitFor();
    expect(await page.getByText('Bruno Keller').count()).toBe(1);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByRole('heading', { name: 'Observations' }).waitFor();
    expect(await page.getByRole('row').allInnerTexts()).toEqual(['What\tWhen\tValue', 'Weight\t\t81 kg']);
    for (const text of ['visit-of-bruno', 'show-weight']) {
      expect([text, await page.getByText(text).count()]).toEqual([text, 1]);
    }
    expect(problems).toEqual([]);

    await page.setViewportSize({ width: 320, height: 800 });
    await page.goto(address);
    await page.getByRole('heading', { name: 'This launch can’t go on' }).waitFor();
    await takePicture(page, 'launch-refused-narrow');
    expect(await fitsWidth(page)).toBe(true);
    await page.getByRole('button', { name: 'Back to Weight chart' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('status').innerText()).toBe('the launch was not completed');
  });

  it('keeps the patients of two windows apart', async () => {
    const start = async (opened: Page, patient: RegExp): Promise<void> => {
      await opened.goto(app.url);
      await opened.getByRole('button', { name: 'Sign in' }).click();
      if (opened === page) await signIn(page);
      await opened.getByRole('button', { name: 'Search' }).click();
      await opened.getByRole('button', { name: patient }).click();
    };
    await start(page, /Anna Keller/);
    const other = await context.newPage();
    await start(other, /Bruno Keller/);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByRole('heading', { name: /Anna Keller/ }).waitFor();
    await other.getByRole('button', { name: 'Allow' }).click();
    await other.getByRole('heading', { name: /Bruno Keller/ }).waitFor();
    expect(await page.getByRole('row').allInnerTexts()).toContain('Weight\t\t61.5 kg');
    expect(await other.getByRole('row').allInnerTexts()).toContain('Weight\t\t81 kg');
  });

  it('leads nobody to a server that it does not know', async () => {
    await page.goto(`${app.url}launch.html?iss=https%3A%2F%2Fevil.example.org&launch=x`);
    await page.getByText('This app does not know the server that launched it.').waitFor();
    expect(page.url()).toContain(app.url);
  });

  it('picks an encounter without script, in a narrow window', async () => {
    const plain = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 320, height: 800 },
    });
    page = await plain.newPage();
    problems = collectProblems(page);
    const url = new URL(`${app.server.url}/oauth2/authorize`);
    url.search = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'smart-app-example', redirect_uri: `${app.url}index.html` },
      ...{ scope: 'launch/encounter patient/*.rs', aud: `${app.server.url}/fhir/r4`, state: 'a' },
      ...{ code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' },
    }).toString();
    await page.goto(url.href);
    await signIn(page);
    await page.getByLabel('Date of birth').fill('25.12.1974');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await takePicture(page, 'patient-picker-problem-narrow');
    expect(await fitsWidth(page)).toBe(true);
    expect(await page.getByLabel('Date of birth').getAttribute('aria-invalid')).toBe('true');
    problems.length = 0; // the 400 of this page
    await page.getByLabel('Date of birth').fill('1974-12-25');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Anna Keller/ }).click();
    await page.getByRole('heading', { name: 'Choose an encounter' }).waitFor();
    await takePicture(page, 'encounter-picker-narrow');
    expect(await fitsWidth(page)).toBe(true);
    await pressTabsTo(/Check-up/);
    await page.keyboard.press('Enter');
    await page.getByText('Check-up').waitFor();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/index\.html\?code=/);
    expect(problems).toEqual([]);
    await plain.close();
  });
});
