import { chromium, type Browser, type Page } from 'playwright-core';

/** Chromium that talks to nobody but the pages under test. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.FIREKEEP_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * Collects what a developer would see in red: errors and warnings of the console, which is where Chromium reports
 * what a Content Security Policy blocked, exceptions of scripts, and answers with 404.
 */
export function collectProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('response', (response) => {
    if (response.status() === 404) problems.push(`404 ${response.url()}`);
  });
  return problems;
}

/** Whether the whole document fits into the window's width. */
export async function fitsWidth(page: Page): Promise<boolean> {
  const { width } = page.viewportSize() ?? { width: 0 };
  return page.locator('html').evaluate((element, limit) => element.scrollWidth <= limit, width);
}

/** Where FIREKEEP_TEST_SCREENSHOTS names a folder, puts a picture of the page there. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.FIREKEEP_TEST_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
