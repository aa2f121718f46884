import type { RoleRule } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import type { TestResource } from './approved.js';
import { bundleOf, entryStatuses, nora, of, WritingWorld } from './writing-world.js';

const participant = [{ member: nora }];
const team = (id: string, patient: string, more: object = {}): TestResource => ({
  ...{ resourceType: 'CareTeam', id, status: 'active', subject: of(patient), participant },
  ...more,
});
const visit = (id: string, patient: string, more: object = {}): TestResource => ({
  ...{ resourceType: 'Encounter', id, status: 'in-progress', class: { code: 'AMB' } },
  ...{ subject: of(patient), participant: [{ individual: nora }] },
  ...more,
});
const observation = (patient: string) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: of(patient) },
});
const posted = ({ id: _id, ...resource }: TestResource) => resource;
const created = (resource: object & { readonly resourceType: string }) => ({
  resource,
  request: { method: 'POST', url: resource.resourceType },
});

const ofOwn: RoleRule = { types: ['*'], interactions: 'cruds', ownPatients: ['careteam', 'encounter'] };
const anyTeam: RoleRule = { types: ['CareTeam', 'Encounter'], interactions: 'cruds' };

/** docs/access.md, whose patients. */
describe.each(databases)('patients of whom somebody takes care, on $name', ({ create }) => {
  let world: WritingWorld;
  let own: string;

  beforeAll(async () => {
    world = await WritingWorld.start(await create());
    await world.store(team('own', '1'));
    own = await world.withRules([ofOwn]);
  });
  afterAll(() => world.close());

  const post = async (token: string, body: { readonly resourceType: string }) =>
    (await world.as(token, { method: 'POST', url: body.resourceType, body })).statusCode;
  const reads = async (token: string, url: string) =>
    (await world.as(token, { method: 'GET', url })).statusCode === 200;

  describe('are nobody’s by', () => {
    const day = 24 * 3_600_000;
    const at = (days: number) => new Date(Date.now() + days * day).toISOString();
    const closed: readonly (readonly [string, TestResource])[] = [
      ...['proposed', 'suspended', 'inactive', 'entered-in-error'].map((status): [string, TestResource] => [
        `a team that is ${status}`,
        team('t', '2', { status }),
      ]),
      ['a team whose period has ended', team('t', '2', { period: { end: at(-1) } })],
      ['a team whose period has not begun', team('t', '2', { period: { start: at(1) } })],
      [
        'a team that they have left',
        team('t', '2', { participant: [{ member: nora, period: { end: at(-1) } }] }),
      ],
      [
        'a team that they are to join',
        team('t', '2', { participant: [{ member: nora, period: { start: at(1) } }] }),
      ],
      ...['finished', 'cancelled', 'entered-in-error', 'unknown'].map((status): [string, TestResource] => [
        `an encounter that is ${status}`,
        visit('t', '2', { status }),
      ]),
      ['an encounter that is over', visit('t', '2', { period: { start: at(-2), end: at(-1) } })],
      [
        'an encounter that they have left',
        visit('t', '2', { participant: [{ individual: nora, period: { end: at(-1) } }] }),
      ],
    ];

    it.each(closed)('%s', async (_name, closedOne) => {
      const open =
        closedOne.resourceType === 'CareTeam'
          ? team('t', '2', { period: { start: at(-1), end: at(1) } })
          : visit('t', '2', { participant: [{ individual: nora, period: { start: at(-1) } }] });
      await world.store(open);
      expect([await reads(own, 'Patient/2'), await post(own, observation('2'))]).toEqual([true, 201]);
      await world.store(closedOne);
      expect([await reads(own, 'Patient/2'), await post(own, observation('2'))]).toEqual([false, 403]);
      const found = await world.as(own, { method: 'GET', url: 'Patient?_summary=count' });
      expect(found.json()).toMatchObject({ total: 1 });
    });
  });

  it('are not made own by the write that would need it, nor by any other write of theirs', async () => {
    const both = posted(team('', '2', { participant: [...participant, { member: of('1') }] }));
    const foreign = [posted(team('', '2')), both, posted(visit('', '2'))];
    for (const body of foreign) expect(await post(own, body)).toBe(403);
    // An own patient gets nobody new either, and no new reason.
    const eve = { reference: 'Practitioner/eve' };
    expect(await post(own, posted(team('', '1', { participant: [{ member: eve }] })))).toBe(403);
    expect(await post(own, posted(visit('', '1')))).toBe(403);
    expect(await post(own, posted(visit('', '1', { participant: undefined })))).toBe(201);
    const put = (body: TestResource) =>
      world.as(own, { method: 'PUT', url: `CareTeam/${body.id}`, body }).then(({ statusCode }) => statusCode);
    expect(await put(team('own', '2'))).toBe(403);
    expect(await put(team('own', '1', { participant: [...participant, { member: eve }] }))).toBe(403);
    expect(await put(team('own', '1', { name: 'renamed' }))).toBe(200);
    const patch = [{ op: 'add', path: '/participant/-', value: { member: eve } }];
    expect((await world.as(own, { method: 'PATCH', url: 'CareTeam/own', body: patch })).statusCode).toBe(403);
  });

  it('are not made own for longer, nor again', async () => {
    await world.store(team('ends', '1', { period: { start: '2020', end: '2100' } }));
    const put = (body: TestResource) =>
      world.as(own, { method: 'PUT', url: `CareTeam/${body.id}`, body }).then(({ statusCode }) => statusCode);
    expect(await put(team('ends', '1'))).toBe(403);
    expect(await put(team('ends', '1', { period: { start: '2020', end: '2101' } }))).toBe(403);
    expect(await put(team('ends', '1', { period: { start: '2020', end: '2099' } }))).toBe(200);
    expect(await put(team('ends', '1', { status: 'inactive' }))).toBe(200);
    expect(await put(team('ends', '1', { period: { start: '2020', end: '2099' } }))).toBe(403);
  });

  it('are not made own by an entry for another one', async () => {
    const assigning = await world.withRules([ofOwn, { ...anyTeam, assigns: true }]);
    const withoutRights = [created(posted(team('', '2'))), created(observation('2'))];
    expect((await world.as(own, bundleOf('transaction', withoutRights))).statusCode).toBe(403);
    expect(entryStatuses(await world.as(own, bundleOf('batch', withoutRights)))).toEqual([403, 403]);
    for (const one of [team('', '2'), visit('', '2')]) {
      const entries = [created(posted(one)), created(observation('2'))];
      expect((await world.as(assigning, bundleOf('transaction', entries))).statusCode).toBe(403);
      const reading = { request: { method: 'GET', url: 'Patient/2' } };
      const answer = await world.as(
        assigning,
        bundleOf('batch', [
          ...entries,
          ...Array.from({ length: 60 }, () => created(observation('2'))),
          reading,
        ]),
      );
      expect(entryStatuses(answer)).toEqual([201, ...Array.from({ length: 61 }, () => 403), 404]);
      const assigned = await world.as(assigning, {
        method: 'GET',
        url: `${one.resourceType}?patient=2&_sort=-_id`,
      });
      const { entry } = assigned.json<{ entry: { resource: TestResource }[] }>();
      expect(await post(assigning, observation('2'))).toBe(201);
      for (const { resource } of entry) {
        const url = `${one.resourceType}/${resource.id}`;
        expect((await world.as(assigning, { method: 'DELETE', url })).statusCode).toBe(204);
      }
      expect(await post(assigning, observation('2'))).toBe(403);
    }
  });

  describe('are assigned', () => {
    it('by a rule with assigns, as far as it reaches', async () => {
      const any = await world.withRules([{ ...anyTeam, assigns: true }]);
      expect(await post(any, posted(team('', '1')))).toBe(201);
      const handsOn = await world.withRules([{ ...ofOwn, assigns: true }]);
      const eve = [{ member: { reference: 'Practitioner/eve' } }];
      expect(await post(handsOn, posted(team('', '1', { participant: eve })))).toBe(201);
      expect(await post(handsOn, posted(team('', '2', { participant: eve })))).toBe(403);
    });

    it('by the role practitioner and by clients, not by apps for one patient', async () => {
      const { world: inner } = world;
      const token = (scope: string, patient?: string) =>
        inner.token({ username: 'alice', scope, ...(patient === undefined ? {} : { patient }) }, '/fhir/r4');
      const eve = [{ member: { reference: 'Practitioner/eve' } }];
      const body = posted(team('', '1', { participant: eve }));
      expect(await post(await token('user/*.cruds'), body)).toBe(201);
      expect(await post(await inner.token({ clientId: 'loader' }, '/fhir/r4'), body)).toBe(201);
      expect(await post(await token('patient/*.cruds', '1'), body)).toBe(403);
      expect(await post(await world.asPatient1(), body)).toBe(403);
    });

    it('by no other rule, even one that reaches every team', async () => {
      const any = await world.withRules([anyTeam]);
      expect(await post(any, posted(team('', '1')))).toBe(403);
      expect(await post(any, posted(team('', '1', { participant: undefined })))).toBe(201);
      const url = 'CareTeam/by-id';
      const unmanned = team('by-id', '1', { participant: undefined });
      expect((await world.as(any, { method: 'PUT', url, body: unmanned })).statusCode).toBe(201);
      expect((await world.as(any, { method: 'PUT', url, body: team('by-id', '1') })).statusCode).toBe(403);
      const byPractitioner = await world.withRules([
        ofOwn,
        { types: ['*'], interactions: 'cruds', compartment: 'Practitioner' },
      ]);
      expect(await post(byPractitioner, posted(visit('', '2')))).toBe(403);
    });
  });
});
