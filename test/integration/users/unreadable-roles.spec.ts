import { Writable } from 'node:stream';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../../src/application/create-application.js';
import { ACCESS_POLICY, type AccessPolicy, type Principal } from '../../../src/contract/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { RoleCatalog, RolesService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';

const readsPatients = { types: ['Patient'], interactions: 'rs' };
const readsObservations = { types: ['Observation'], interactions: 'rs' };

describe.each(databases)('rules of a role that can not be read on $name', ({ create }) => {
  let app: NestFastifyApplication;
  let catalog: RoleCatalog;
  let roles: RolesService;
  let policy: AccessPolicy;
  let log = '';

  beforeAll(async () => {
    const secretKey = Buffer.alloc(32, 1).toString('base64');
    const settings = Settings.of({ databaseUrl: await create(), secretKey, logLevel: 'error' });
    const destination = new Writable({
      write: (chunk, _encoding, done) => {
        log += String(chunk);
        done();
      },
    });
    app = await createApplication(settings, Logger.of(settings, destination));
    catalog = app.get(RoleCatalog, { strict: false });
    roles = app.get(RolesService, { strict: false });
    policy = app.get(ACCESS_POLICY, { strict: false });
    await roles.create({ name: 'reader', rules: [readsPatients, readsObservations] });
    await roles.create({ name: 'other', rules: [readsPatients] });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    log = '';
  });

  const store = async (rules: string): Promise<void> => {
    await app
      .get(Database)
      .transaction((session) =>
        session.execute('UPDATE access_role SET rules = ? WHERE name = ?', [rules, 'reader']),
      );
    await catalog.refresh();
  };

  const mayRead = (resourceType: string): boolean => {
    const principal: Principal = {
      ...{ subject: 'rita', kind: 'user', clientId: null, issuer: null, roles: ['reader'] },
      ...{ scopes: null, fhirUser: null, patient: null },
    };
    const decision = policy.decide({ principal, interaction: 'read', resourceType });
    return decision.kind === 'permit' && decision.constraints.length > 0;
  };

  const reports = (): string[] => log.split('\n').filter((line) => line.includes('permit nothing'));

  it.each([
    ['text that is cut off', '[{"types":["Patient"],"interact'],
    ['no list', '{"types":["*"],"interactions":"cruds"}'],
    ['nothing', ''],
  ])('permit nothing where there is %s, and are logged once', async (_case, rules) => {
    await store(JSON.stringify([readsPatients, readsObservations]));
    expect(mayRead('Patient')).toBe(true);
    await store(rules);
    expect(catalog.rulesOf('reader')).toEqual([]);
    expect(mayRead('Patient')).toBe(false);
    expect(await roles.get('reader')).toMatchObject({ rules: [] });
    await roles.update('other', { description: rules });
    await roles.update('other', { description: 'once more' });
    expect(reports()).toHaveLength(1);
    expect(reports()[0]).toContain('"role":"reader"');
    expect(catalog.rulesOf('other')).toEqual([readsPatients]);
  });

  it('take nothing from the rules beside them, which permit what they say', async () => {
    await store(JSON.stringify([{ types: ['*'], interactions: 'everything' }, readsObservations]));
    expect(mayRead('Patient')).toBe(false);
    expect(mayRead('Observation')).toBe(true);
    expect(reports()).toHaveLength(1);
    expect(reports()[0]).toContain('rules[0].interactions');
  });

  it('are replaced by the next change of the role', async () => {
    await store('broken');
    await roles.update('reader', { rules: [readsPatients] });
    expect(mayRead('Patient')).toBe(true);
    expect(reports()).toHaveLength(1);
    await store('broken');
    expect(reports()).toHaveLength(2);
  });
});
