import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../config/index.js';
import { defineExtension } from './extension-definition.js';
import { ExtensionSettings } from './extension-settings.js';
import { StartedExtensions } from './started-extensions.js';

const clinic = defineExtension({
  name: 'clinic',
  compatibility: '^0.1.0',
  settings: {
    ward: { type: 'text', default: 'B2', description: 'Ward.', maximumLength: 5 },
    openBeds: { type: 'integer', default: 4, minimum: 1, maximum: 9, description: 'Beds.' },
    night: { type: 'boolean', default: false, description: 'Whether it is open at night.' },
    keep: { type: 'duration', default: 60, description: 'How long.' },
    level: { type: 'choice', values: ['low', 'high'], default: 'low', description: 'Level.' },
    doors: { type: 'list', default: [], description: 'Doors.' },
    pager: { type: 'url', description: 'Pager.' },
    pagerKey: { type: 'text', secret: true, description: 'Key.', maximumLength: 20 },
  },
});
const strict = defineExtension({
  name: 'strict',
  compatibility: '^0.1.0',
  settings: { code: { type: 'text', required: true, description: 'Code of the clinic.' } },
});
const empty = mkdtempSync(join(tmpdir(), 'firekeep-extension-settings-'));

const started = (environment: Record<string, string>, directory = empty, definitions = [clinic] as const) =>
  StartedExtensions.of(definitions, '0.1.0', loadSettings(environment, directory).ofExtensions);
const values = (environment: Record<string, string>, directory?: string) =>
  new ExtensionSettings(started(environment, directory)).of(clinic);

describe('settings of an extension', () => {
  it('have their defaults, and undefined where there is none', () => {
    expect(values({})).toEqual({
      ...{ ward: 'B2', openBeds: 4, night: false, keep: 60, level: 'low', doors: [] },
      ...{ pager: undefined, pagerKey: undefined },
    });
  });

  it('come from the environment, typed as declared', () => {
    const given = values({
      FIREKEEP_X_CLINIC_WARD: 'C1',
      FIREKEEP_X_CLINIC_OPEN_BEDS: '7',
      FIREKEEP_X_CLINIC_NIGHT: 'true',
      FIREKEEP_X_CLINIC_KEEP: '2d',
      FIREKEEP_X_CLINIC_LEVEL: 'high',
      FIREKEEP_X_CLINIC_DOORS: 'north, south',
      FIREKEEP_X_CLINIC_PAGER: 'https://pager.example.org/',
    });
    const level: 'low' | 'high' = given.level;
    const beds: number = given.openBeds;
    expect([level, beds]).toEqual(['high', 7]);
    expect(given).toMatchObject({
      ...{ ward: 'C1', night: true, keep: 172_800, doors: ['north', 'south'] },
      pager: 'https://pager.example.org/',
    });
  });

  it('come from the files, below the environment', () => {
    const directory = mkdtempSync(join(tmpdir(), 'firekeep-extension-settings-'));
    writeFileSync(
      join(directory, 'default.yaml'),
      'port: 9000\nextensionSettings:\n  clinic:\n    ward: D4\n    openBeds: 2\n    doors: [a, b]\n',
    );
    writeFileSync(join(directory, 'production.yaml'), 'extensionSettings: { clinic: { openBeds: 3 } }\n');
    const given = values({ FIREKEEP_X_CLINIC_WARD: 'E5', NODE_ENV: 'production' }, directory);
    expect(given).toMatchObject({ ward: 'E5', openBeds: 3, doors: ['a', 'b'] });
  });

  it('are read from the file that …_FILE names', () => {
    const file = join(empty, 'key');
    writeFileSync(file, 'secret of the pager\n');
    expect(values({ FIREKEEP_X_CLINIC_PAGER_KEY_FILE: file }).pagerKey).toBe('secret of the pager');
  });

  it.each([
    [{ FIREKEEP_X_CLINIC_WRAD: 'x' }, /Unknown setting FIREKEEP_X_CLINIC_WRAD.*FIREKEEP_X_CLINIC_WARD/],
    [{ FIREKEEP_X_OTHER_WARD: 'x' }, /Unknown setting FIREKEEP_X_OTHER_WARD/],
    [{ FIREKEEP_CLINIC_WARD: 'x' }, /Unknown setting FIREKEEP_CLINIC_WARD/],
    [{ FIREKEEP_X_CLINIC_WARD: 'longer' }, /FIREKEEP_X_CLINIC_WARD must have at most 5 characters/],
    [{ FIREKEEP_X_CLINIC_OPEN_BEDS: '0' }, /FIREKEEP_X_CLINIC_OPEN_BEDS must be a whole number from 1 to 9/],
    [{ FIREKEEP_X_CLINIC_OPEN_BEDS: '1.5' }, /must be a whole number/],
    [{ FIREKEEP_X_CLINIC_NIGHT: 'yes' }, /FIREKEEP_X_CLINIC_NIGHT must be true or false/],
    [{ FIREKEEP_X_CLINIC_KEEP: '90' }, /FIREKEEP_X_CLINIC_KEEP must be a time such as/],
    [{ FIREKEEP_X_CLINIC_LEVEL: 'mid' }, /FIREKEEP_X_CLINIC_LEVEL must be one of low, high/],
    [{ FIREKEEP_X_CLINIC_PAGER: 'file:///etc' }, /FIREKEEP_X_CLINIC_PAGER must be an absolute URL/],
    [{ FIREKEEP_X_CLINIC_PAGER_KEY_FILE: '/nowhere' }, /names \/nowhere, which can't be read/],
    [
      { FIREKEEP_X_CLINIC_WARD: 'a', FIREKEEP_X_CLINIC_WARD_FILE: '/nowhere' },
      /FIREKEEP_X_CLINIC_WARD and FIREKEEP_X_CLINIC_WARD_FILE are both set/,
    ],
  ])('stop the start with one line for %j', (environment, message) => {
    expect(() => started(environment)).toThrow(message);
  });

  it('stop the start where one that is needed is missing, or no extension is started', () => {
    const of = (definitions: Parameters<typeof StartedExtensions.of>[0], environment = {}) =>
      StartedExtensions.of(definitions, '0.1.0', loadSettings(environment, empty).ofExtensions);
    expect(() => of([strict])).toThrow('FIREKEEP_X_STRICT_CODE must be set: Code of the clinic.');
    expect(of([strict], { FIREKEEP_X_STRICT_CODE: 'x' }).settings).toHaveLength(1);
    expect(() => of([], { FIREKEEP_X_STRICT_CODE: 'x' })).toThrow(/No extension with settings is started/);
  });

  it('stop the start where a file names one that there is not', () => {
    const directory = mkdtempSync(join(tmpdir(), 'firekeep-extension-settings-'));
    writeFileSync(join(directory, 'default.yaml'), 'extensionSettings: { clinic: { wrad: x } }\n');
    expect(() => started({}, directory)).toThrow(/default.yaml: extensionSettings.clinic.wrad/);
    writeFileSync(join(directory, 'default.yaml'), 'extensionSettings: [clinic]\n');
    expect(() => started({}, directory)).toThrow(/extensionSettings must be a mapping/);
  });

  it('never repeat a secret in an error', () => {
    const secret = 'a secret of more than twenty characters';
    expect(() => started({ FIREKEEP_X_CLINIC_PAGER_KEY: secret })).toThrow(
      expect.not.stringContaining(secret),
    );
  });

  it('are told to those alone who were started', () => {
    expect(() => new ExtensionSettings(StartedExtensions.none).of(clinic)).toThrow(/is not started/);
  });
});
