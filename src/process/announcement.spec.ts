import { announce } from './announcement.js';
import { Settings, type SettingValues } from '../platform/config/index.js';

function announcementOf(values: Partial<SettingValues>): string {
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  announce(Settings.of(values), { administrator: { username: 'admin', password: 'generated' } });
  write.mockRestore();
  return text;
}

describe('what the start prints', () => {
  it('ends with a line that works as pasted', () => {
    const text = announcementOf({});
    expect(text.trimEnd().split('\n').at(-1)?.trim()).toBe(
      'curl -H "Authorization: Bearer $(npx firekeep token admin)" http://localhost:8080/fhir/r4/Patient',
    );
    expect(text).toContain('One-time password     generated  (shown once)');
  });

  it('carries the settings along that the command line needs', () => {
    const text = announcementOf({ port: 8090, databaseUrl: 'sqlite:./my data/db.sqlite' });
    expect(text).toContain(
      "$(FIREKEEP_PUBLIC_URL=http://localhost:8090 FIREKEEP_DATABASE_URL='sqlite:./my data/db.sqlite' npx firekeep token admin)",
    );
  });

  it('names the data directory, and the database only where it lies elsewhere', () => {
    expect(announcementOf({ dataDirectory: '/srv/firekeep' })).toContain(
      'FIREKEEP_DATA_DIRECTORY=/srv/firekeep npx firekeep token',
    );
    expect(
      announcementOf({ dataDirectory: '/srv/firekeep', databaseUrl: 'sqlite:./data/firekeep.sqlite' }),
    ).toContain('FIREKEEP_DATABASE_URL=sqlite:./data/firekeep.sqlite npx firekeep token');
  });

  it('does not print the address of a MySQL database, which holds a password', () => {
    expect(announcementOf({ databaseUrl: 'mysql://firekeep:secret@db/firekeep' })).not.toContain('secret@');
  });

  it('names only what the role serves', () => {
    const text = announcementOf({ role: 'authorization-server' });
    expect(text).toContain('OAuth2 issuer');
    expect(text).not.toContain('/fhir/r4');
  });
});
