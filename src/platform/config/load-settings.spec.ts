import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from './load-settings.js';

const empty = mkdtempSync(join(tmpdir(), 'firekeep-config-'));
const load = (environment: Record<string, string>, directory = empty) => loadSettings(environment, directory);

describe('settings', () => {
  it('have the documented defaults', () => {
    const settings = load({});
    expect(settings.values).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      databaseUrl: 'sqlite:./data/firekeep.sqlite',
      adminUsername: 'admin',
      role: 'both',
      allowOpen: false,
      bodyLimit: 64 * 1024 * 1024,
    });
    expect(settings.publicUrl).toBe('http://localhost:8080');
  });

  it('take the environment over the files', () => {
    const directory = mkdtempSync(join(tmpdir(), 'firekeep-config-'));
    writeFileSync(
      join(directory, 'default.yaml'),
      'port: 9000\nhost: 0.0.0.0\ntrustProxy: [10.0.0.0/8, 127.0.0.1]\n',
    );
    writeFileSync(join(directory, 'production.yaml'), 'host: 10.0.0.1\n');
    const values = load({ FIREKEEP_PORT: '9001', NODE_ENV: 'production' }, directory).values;
    expect(values).toMatchObject({ port: 9001, host: '10.0.0.1', trustProxy: ['10.0.0.0/8', '127.0.0.1'] });
    expect(load({}, directory).values).toMatchObject({ port: 9000, host: '0.0.0.0' });
  });

  it('read a secret from the file that …_FILE names', () => {
    const file = join(empty, 'password');
    writeFileSync(file, 'correct horse\n');
    expect(load({ FIREKEEP_ADMIN_PASSWORD_FILE: file }).get('adminPassword')).toBe('correct horse');
  });

  it.each([
    [{ FIREKEEP_PROT: '1' }, /Unknown setting FIREKEEP_PROT/],
    [{ FIREKEEP_DATABASE: 'x' }, /Did you mean FIREKEEP_DATABASE_URL/],
    [{ FIREKEEP_PORT: 'http' }, /FIREKEEP_PORT must be a whole number/],
    [{ FIREKEEP_PORT: '70000' }, /FIREKEEP_PORT must be a whole number from 0 to 65535/],
    [{ FIREKEEP_ROLE: 'server' }, /FIREKEEP_ROLE must be one of both, authorization-server, resource-server/],
    [{ FIREKEEP_DATABASE_URL: 'postgres://x/y' }, /FIREKEEP_DATABASE_URL must be sqlite:/],
    [{ FIREKEEP_PUBLIC_URL: 'localhost:8080' }, /FIREKEEP_PUBLIC_URL must be/],
    [{ FIREKEEP_SECRET_KEY: 'c2hvcnQ=' }, /FIREKEEP_SECRET_KEY must be 32 bytes/],
    [
      { FIREKEEP_ADMIN_PASSWORD: 'correct horse', FIREKEEP_ADMIN_PASSWORD_FILE: '/nowhere' },
      /FIREKEEP_ADMIN_PASSWORD and FIREKEEP_ADMIN_PASSWORD_FILE are both set/,
    ],
    [
      { FIREKEEP_ADMIN_PASSWORD_FILE: '/nowhere' },
      /FIREKEEP_ADMIN_PASSWORD_FILE names \/nowhere, which can't be read/,
    ],
  ])('stop the start with one line for %j', (environment, message) => {
    expect(() => load(environment)).toThrow(message);
  });

  it('never repeat a secret in an error', () => {
    expect(() => load({ FIREKEEP_SECRET_KEY: 'topsecret' })).toThrow(
      expect.not.stringContaining('topsecret'),
    );
    expect(() => load({ FIREKEEP_DATABASE_URL: 'mysql:topsecret' })).toThrow(
      expect.not.stringContaining('topsecret'),
    );
  });

  it('leave the names alone that Kubernetes injects for a service', () => {
    const injected = {
      FIREKEEP_PORT: 'tcp://10.0.0.1:8080',
      FIREKEEP_SERVICE_HOST: '10.0.0.1',
      FIREKEEP_SERVICE_PORT: '8080',
      FIREKEEP_SERVICE_PORT_HTTP: '8080',
      FIREKEEP_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      FIREKEEP_PORT_8080_TCP_ADDR: '10.0.0.1',
      FIREKEEP_TEST_ANYTHING: '1',
    };
    expect(load(injected).get('port')).toBe(8080);
  });
});
