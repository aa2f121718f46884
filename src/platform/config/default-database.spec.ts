import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseDatabaseLeftBehind } from './default-database.js';
import { loadSettings } from './load-settings.js';
import { Settings } from './settings.js';

const load = (environment: Record<string, string>) =>
  loadSettings(environment, '/nowhere', '/nowhere').get('databaseUrl');

describe('the default database', () => {
  it('lies in the data directory', () => {
    expect(load({})).toBe('sqlite:./data/firekeep.sqlite');
    expect(load({ FIREKEEP_DATA_DIRECTORY: '/srv/firekeep' })).toBe('sqlite:/srv/firekeep/firekeep.sqlite');
    expect(load({ FIREKEEP_DATA_DIRECTORY: '/srv/firekeep/' })).toBe('sqlite:/srv/firekeep/firekeep.sqlite');
    expect(Settings.of({ dataDirectory: '/' }).get('databaseUrl')).toBe('sqlite:/firekeep.sqlite');
  });

  it('gives way to the one that a setting names', () => {
    const environment = { FIREKEEP_DATA_DIRECTORY: '/srv', FIREKEEP_DATABASE_URL: 'sqlite:./data/x.sqlite' };
    expect(load(environment)).toBe('sqlite:./data/x.sqlite');
    expect(load({ ...environment, FIREKEEP_DATABASE_URL: '' })).toBe('sqlite:/srv/firekeep.sqlite');
  });
});

describe('a database that was left behind in ./data', () => {
  let directory: string;
  const put = (folder: string): void => {
    mkdirSync(join(directory, folder), { recursive: true });
    writeFileSync(join(directory, folder, 'firekeep.sqlite'), '');
  };
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'firekeep-left-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('stops a start that would begin with an empty one', () => {
    put('data');
    expect(() => refuseDatabaseLeftBehind('elsewhere', directory)).toThrow(
      'FIREKEEP_DATA_DIRECTORY is elsewhere, where there is no database, and there is one in ./data. ' +
        'Move ./data/firekeep.sqlite* there, or keep it where it is: FIREKEEP_DATABASE_URL=sqlite:./data/firekeep.sqlite. ' +
        'To begin with an empty one: FIREKEEP_DATABASE_URL=sqlite:elsewhere/firekeep.sqlite',
    );
  });

  it.each(['data', './data', './data/', 'elsewhere/../data'])('is in its place with %s', (dataDirectory) => {
    put('data');
    expect(() => refuseDatabaseLeftBehind(dataDirectory, directory)).not.toThrow();
  });

  it('is none where the new place has one, or the old place has none', () => {
    put('elsewhere');
    expect(() => refuseDatabaseLeftBehind('elsewhere', directory)).not.toThrow();
    expect(() => refuseDatabaseLeftBehind('third', directory)).not.toThrow();
    put('data');
    expect(() => refuseDatabaseLeftBehind('elsewhere', directory)).not.toThrow();
  });

  it('is in its place where ./data is a link to the data directory, as in the container', () => {
    put('volume');
    symlinkSync(join(directory, 'volume'), join(directory, 'data'));
    expect(() => refuseDatabaseLeftBehind(join(directory, 'volume'), directory)).not.toThrow();
  });
});
