import { browserName, keptBrowserName } from './browser-name.js';

describe('names of browsers', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0',
      { browser: 'Microsoft Edge', system: 'Windows' },
    ],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
      { browser: 'Firefox', system: 'Linux' },
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      { browser: 'Safari', system: 'iOS' },
    ],
    [
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36',
      { browser: 'Chrome', system: 'Android' },
    ],
    ['<script>alert(1)</script>', {}],
    [`${'x'.repeat(1000)} Firefox/132.0`, {}],
    [undefined, {}],
  ])('%s', (userAgent, expected) => {
    expect(browserName(userAgent)).toEqual(expected);
    expect(keptBrowserName(browserName(userAgent))).toEqual(expected);
  });

  it('of something else are none', () => {
    expect([null, 'Firefox', { browser: 1, other: 'x' }].map(keptBrowserName)).toEqual([{}, {}, {}]);
  });
});
