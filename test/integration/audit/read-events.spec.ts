import { UsersService } from '../../../src/users/index.js';
import { AuditQueue } from '../../../src/audit/queue/audit-queue.js';
import type { ResourceStore } from '../../../src/fhir/index.js';
import { FirekeepError } from '../../../src/platform/errors/index.js';
import { databases } from '../../kit/databases.js';
import { bearer, bearerPath, World } from '../access/application.js';
import { auditorPassword, eventsOf } from './audit-events.js';
import { RESOURCE_STORE } from '../../../src/fhir/storage/store-token.js';

const json = 'application/fhir+json';
const profiles = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

describe.each(databases)('the record of reads, on $name', ({ create }) => {
  describe.each([false, true])('stored before the answer: %s', (auditSynchronous) => {
    let world: World;
    let token: string;
    let patients: string[];

    const call = (method: 'GET' | 'POST', url: string, payload?: string, type = json) =>
      world.call({
        ...{ method, url: `${bearerPath}/${url}` },
        headers: { ...(payload === undefined ? {} : { 'content-type': type }), ...bearer(token) },
        ...(payload === undefined ? {} : { payload }),
      });
    const settled = async (): Promise<void> => {
      if (!auditSynchronous) await world.get(AuditQueue).flush();
    };

    beforeAll(async () => {
      world = await World.start(await create(), { logLevel: 'silent', audit: ['reads'], auditSynchronous });
      await world
        .get(UsersService)
        .create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
      token = await world.token({ username: 'alice', scope: 'user/*.cruds' }, bearerPath);
      patients = [];
      for (const family of ['Ames', 'Bell']) {
        const answer = await call(
          'POST',
          'Patient',
          JSON.stringify({ resourceType: 'Patient', name: [{ family }] }),
        );
        patients.push(`Patient/${answer.json<{ id: string }>().id}`);
      }
    });
    afterAll(() => world.close());

    it('has reads, versions and histories, each with its patient', async () => {
      const [patient = ''] = patients;
      for (const url of [patient, `${patient}/_history/1`, `${patient}/_history`, 'Patient/absent']) {
        await call('GET', url);
      }
      await settled();
      const events = await eventsOf(world, `patient=${patient}&_sort=_lastUpdated,_id&agent-name=alice`);
      expect(events.map(({ subtype: [one] }) => one?.code).sort()).toEqual([
        'history-instance',
        'read',
        'vread',
      ]);
      const read = events.find(({ subtype: [one] }) => one?.code === 'read');
      expect(read).toMatchObject({
        meta: { profile: [`${profiles}PatientRead`] },
        action: 'R',
        agent: [{ type: { coding: [{ code: '110152' }] } }, { type: { coding: [{ code: '110153' }] } }, {}],
        entity: [{ what: { reference: `${patient}/_history/1` } }, { what: { reference: patient } }],
      });
      expect(await eventsOf(world, 'entity=Patient/absent')).toEqual([]);
    });

    it('has searches: for each patient in the answer one, with the query', async () => {
      await call('GET', 'Patient?name=Ames,Bell&_sort=_id');
      await call('POST', 'Patient/_search', 'family=Ames', 'application/x-www-form-urlencoded');
      await call('GET', 'Organization?name=none');
      await settled();
      const queries = async (criteria: string): Promise<string[]> =>
        (await eventsOf(world, `action=E&agent-name=alice&${criteria}`)).map(({ entity: [first] }) =>
          Buffer.from(first?.query ?? '', 'base64').toString(),
        );
      const base = world.base(bearerPath);
      expect(await queries(`patient=${patients[1]}`)).toEqual([`${base}/Patient?name=Ames%2CBell&_sort=_id`]);
      expect((await queries(`patient=${patients[0]}`)).sort()).toEqual([
        `${base}/Patient?family=Ames`,
        `${base}/Patient?name=Ames%2CBell&_sort=_id`,
      ]);
      expect(await queries('patient:missing=true')).toEqual([`${base}/Organization?name=none`]);
    });

    if (auditSynchronous) {
      it('is there before the answer, which does not come without it', async () => {
        const store = world.app.get<ResourceStore>(RESOURCE_STORE, { strict: false });
        const commit = jest
          .spyOn(store, 'commit')
          .mockRejectedValue(new FirekeepError('unavailable', 'DATABASE_UNAVAILABLE', 'away'));
        const refused = await call('GET', patients[0] ?? '');
        commit.mockRestore();
        expect(refused.statusCode).toBe(503);
        expect(refused.body).not.toContain('Ames');
        const ofPatient = `action=R&entity=${patients[0]}&_summary=count`;
        const [before] = await eventsOf(world, ofPatient);
        expect((await call('GET', patients[0] ?? '')).statusCode).toBe(200);
        expect(await eventsOf(world, ofPatient)).toEqual([Number(before) + 1]);
      });
    } else {
      it('waits for a database that is away, and is stored once', async () => {
        const store = world.app.get<ResourceStore>(RESOURCE_STORE, { strict: false });
        await settled();
        const ofPatient = `action=R&entity=${patients[0]}&_summary=count`;
        const [before] = await eventsOf(world, ofPatient);
        const commit = jest
          .spyOn(store, 'commit')
          .mockRejectedValue(new FirekeepError('unavailable', 'DATABASE_UNAVAILABLE', 'away'));
        expect((await call('GET', patients[0] ?? '')).statusCode).toBe(200);
        await settled();
        commit.mockRestore();
        expect(await eventsOf(world, ofPatient)).toEqual([before]);
        await settled();
        await settled();
        expect(await eventsOf(world, ofPatient)).toEqual([Number(before) + 1]);
      });
    }
  });
});

describe.each(databases)('reads before a shutdown, on $name', ({ create }) => {
  it('are recorded', async () => {
    const url = await create();
    const first = await World.start(url, { logLevel: 'silent', audit: ['reads'] });
    await first
      .get(UsersService)
      .create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
    const token = await first.token({ username: 'alice', scope: 'user/*.s' }, bearerPath);
    await first.call({ url: `${bearerPath}/Patient`, headers: bearer(token) });
    await first.close();
    const second = await World.start(url, { logLevel: 'silent', audit: [] }, false);
    expect(await eventsOf(second, '_summary=count')).toEqual([1]);
    await second.close();
  });
});
