import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from './load-settings.js';
import { settingDefinitions, type SettingKey } from './setting-definitions.js';

const keys = Object.keys(settingDefinitions) as SettingKey[];
let directory: string;
const load = (environment: Record<string, string>) => loadSettings(environment, directory);
const write = (name: string, content: string): string => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'firekeep-config-'))));
afterEach(() => rmSync(directory, { recursive: true }));

describe('an empty variable counts as unset', () => {
  const defaults = loadSettings({}, '/nowhere').values;

  it.each(keys)('%s', (key) => {
    const { env } = settingDefinitions[key];
    for (const blank of ['', ' ', '\t\n']) {
      expect(load({ [env]: blank }).values).toEqual(defaults);
      expect(load({ [`${env}_FILE`]: blank }).values).toEqual(defaults);
    }
  });

  it('so a file that …_FILE names, or a file of config/, counts', () => {
    const password = write('password', 'correct horse\n');
    const given = { FIREKEEP_ADMIN_PASSWORD: '', FIREKEEP_ADMIN_PASSWORD_FILE: password };
    expect(load(given).get('adminPassword')).toBe('correct horse');
    write('default.yaml', 'host: 10.0.0.1\naudit: [reads]\n');
    expect(load({ FIREKEEP_HOST: '', FIREKEEP_AUDIT: ' ' }).values).toMatchObject({
      host: '10.0.0.1',
      audit: ['reads'],
    });
  });

  it('also one whose name is none of a setting', () => {
    expect(load({ FIREKEEP_RETIRED: '' }).values).toEqual(defaults);
  });
});

describe('a value of config/*.yaml that is empty', () => {
  it.each(['host:', 'host: ""', 'host: " "', 'audit: []', 'audit: ""', 'trustProxy: [""]', '# nothing', ''])(
    '%j says nothing',
    (text) => {
      write('production.yaml', text);
      write('default.yaml', 'host: 10.0.0.1\naudit: reads\ntrustProxy: 10.0.0.0/8\n');
      expect(load({ NODE_ENV: 'production' }).values).toMatchObject({
        host: '10.0.0.1',
        audit: ['reads'],
        trustProxy: ['10.0.0.0/8'],
      });
    },
  );
});

describe('a list is emptied by its word', () => {
  it.each([
    ['FIREKEEP_AUDIT', 'none', 'audit'],
    ['FIREKEEP_TRUST_PROXY', 'none', 'trustProxy'],
    ['FIREKEEP_CLIENT_NETWORKS', 'none', 'clientNetworks'],
    ['FIREKEEP_EXTENSIONS', 'none', 'extensions'],
    ['FIREKEEP_REGISTRATION_REDIRECTS', 'anywhere', 'registrationRedirects'],
  ] as const)('%s=%s', (name, word, key) => {
    write(
      'default.yaml',
      'audit: reads\ntrustProxy: 10.0.0.1\nclientNetworks: 10.0.0.0/8\nextensions: ./x.js\nregistrationRedirects: loopback\n',
    );
    expect(load({}).get(key)).toHaveLength(1);
    expect(load({ [name]: word }).get(key)).toEqual([]);
  });

  it.each(['FIREKEEP_AUDIT', 'FIREKEEP_TRUST_PROXY', 'FIREKEEP_EXTENSIONS'])('%s="," is refused', (name) => {
    expect(() => load({ [name]: ',' })).toThrow(`${name} must have a value between its commas, or be none.`);
  });
});

describe('a file that …_FILE names', () => {
  it.each(['', '\n', ' \t\r\n'])('holding %j stops the start', (content) => {
    const path = write('key', content);
    expect(() => load({ FIREKEEP_SECRET_KEY_FILE: path })).toThrow(
      `FIREKEEP_SECRET_KEY_FILE names ${path}, which is empty.`,
    );
  });

  it('is taken as it is, but for the end of its last line', () => {
    const path = write('password', ' two blanks \r\n');
    expect(load({ FIREKEEP_ADMIN_PASSWORD_FILE: path }).get('adminPassword')).toBe(' two blanks ');
  });
});
