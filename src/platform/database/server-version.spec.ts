import { serverVersion } from './server-version.js';

describe('the version of a database server', () => {
  it.each([
    ['8.0.40', false, true],
    ['8.4.3-log', false, true],
    ['9.1.0', false, true],
    ['5.7.44', false, false],
    ['10.11.6-MariaDB-0+deb12u1', true, true],
    ['11.8.2-MariaDB', true, true],
    ['10.6.18-MariaDB', true, false],
    ['5.5.5-10.11.6-MariaDB', true, true],
    ['5.5.5-10.3.8-MariaDB', true, false],
    ['', false, false],
  ])('%s', (text, isMariadb, isSupported) => {
    expect(serverVersion(text)).toEqual({ isMariadb, isSupported });
  });
});
