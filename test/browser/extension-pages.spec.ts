import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { ClinicModule } from '../../examples/extension/clinic.module.js';
import { createApplication } from '../../src/application/create-application.js';
import { Settings } from '../../src/platform/config/index.js';
import { UsersService } from '../../src/users/index.js';
import { collectProblems, fitsWidth, launchChromium, takePicture } from '../kit/browser.js';
import { databases } from '../kit/databases.js';

const password = 'correct horse battery staple';

/** Pages of an extension as people without a mouse and without script use them, on a telephone. */
describe.each(databases)('pages of an extension, in a browser, on $name', (database) => {
  let app: NestFastifyApplication;
  let url: string;
  let browser: Browser;
  let contexts: BrowserContext[] = [];

  beforeAll(async () => {
    const settings = Settings.of({
      port: 0,
      databaseUrl: await database.create(),
      secretKey: randomBytes(32).toString('base64'),
      logLevel: 'error',
    });
    app = await createApplication(settings, undefined, [ClinicModule]);
    await app.listen(0, '127.0.0.1');
    settings.setListeningPort((app.getHttpServer().address() as AddressInfo).port);
    url = settings.publicUrl;
    const users = app.get(UsersService, { strict: false });
    await users.create({ username: 'alice', password, roles: ['practitioner'] });
    await users.create({ username: 'root', password, roles: ['admin'] });
    browser = await launchChromium();
  });
  afterEach(async () => {
    for (const context of contexts) await context.close();
    contexts = [];
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  const open = async (locale = 'en'): Promise<Page> => {
    const viewport = { width: 360, height: 740 };
    const context = await browser.newContext({ javaScriptEnabled: false, locale, viewport });
    contexts.push(context);
    return context.newPage();
  };
  const press = async (page: Page, target: Locator): Promise<void> => {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) {
        await page.keyboard.press('Enter');
        return;
      }
    }
    throw new Error('The Tab key does not lead there.');
  };
  const signIn = async (page: Page, username: string): Promise<void> => {
    await page.locator('input[name=username]:focus').waitFor();
    await page.keyboard.type(username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
  };
  const enterPhone = async (page: Page, phone: string): Promise<void> => {
    await page.keyboard.press('Tab');
    expect(
      await page.getByLabel('Telephone').evaluate((input) => input.ownerDocument.activeElement?.id),
    ).toBe('phone');
    await page.keyboard.press('Control+A');
    await page.keyboard.type(phone);
    await page.keyboard.press('Enter');
  };

  it('lead to the sign-in page and back, and do what their forms say, by keyboard alone', async () => {
    const page = await open();
    const problems = collectProblems(page);
    await page.goto(`${url}/oauth2/pages/on-call?from=link`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('to open the page that you asked for').isVisible()).toBe(true);
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'extension-sign-in');
    await signIn(page, 'alice');
    await page.getByRole('heading', { name: 'Am I on call?' }).waitFor();
    expect(page.url()).toBe(`${url}/oauth2/pages/on-call?from=link`);
    expect(await page.getByText('Signed in as alice').isVisible()).toBe(true);
    expect(await page.getByRole('link', { name: 'Who is on call' }).count()).toBe(0);

    await enterPhone(page, '+81 3 1234 5678');
    await page.getByRole('status').getByText('+81 3 1234 5678').waitFor();
    expect(page.url()).toBe(`${url}/oauth2/pages/on-call`);
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'extension-page');
    expect(problems).toEqual([]);

    await page.goto(`${url}/oauth2/pages/on-call/all`);
    await page.getByRole('heading', { name: 'Not for this account' }).waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'extension-not-for-you');
  });

  it('are for administrators where they say so', async () => {
    const page = await open();
    const problems = collectProblems(page);
    await page.goto(`${url}/oauth2/pages/on-call/all`);
    await signIn(page, 'root');
    const alice = page.getByRole('region', { name: 'alice' });
    await alice.getByText('+81 3 1234 5678').waitFor();
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'extension-administrators');
    await press(page, alice.getByRole('button'));
    await page.getByText('Nobody is on call.').waitFor();
    await press(page, page.getByRole('link', { name: 'My own entry' }));
    await page.getByRole('heading', { name: 'Am I on call?' }).waitFor();
    await press(page, page.getByRole('link', { name: 'Sign out' }));
    await press(page, page.getByRole('button', { name: 'Sign out' }));
    await page.getByRole('heading', { name: 'Done' }).waitFor();
    await page.goto(`${url}/oauth2/pages/on-call/all`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('say what is wrong with a form, and are signed in to in the language of the browser', async () => {
    const page = await open('ja');
    await page.goto(`${url}/oauth2/pages/on-call`);
    await page.getByRole('heading', { name: 'サインイン' }).waitFor();
    expect(await page.getByText('ご指定のページを開きます').isVisible()).toBe(true);
    await signIn(page, 'alice');
    await page.getByRole('heading', { name: 'Am I on call?' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('p[lang=ja]').count()).toBe(1);
    await enterPhone(page, '<b>none</b>');
    await page.getByRole('alert').getByText('Enter a number that can be called.').waitFor();
    expect(await page.getByLabel('Telephone').inputValue()).toBe('<b>none</b>');
    expect(await fitsWidth(page)).toBe(true);
    await takePicture(page, 'extension-problem');
  });
});
