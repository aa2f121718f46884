import fc from 'fast-check';
import { databases } from '../../kit/databases.js';
import { RolesService } from '../../../src/users/index.js';
import { World } from './application.js';
import type { TestResource } from './approved.js';
import { resources } from './leak-resources.js';
import { furnishAskers, makeRepository, send, sendAll } from './leak-world.js';
import { definedRole, described, randomApprovals, ruleOf, scopeText } from './random-approvals.js';
import { volume } from '../../kit/volume.js';

const sets = volume(10);
/** The same sets in every run, unless FIREKEEP_TEST_SEED names others. */
const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 20_261_127);

/** Parameters that put a resource into the compartment. https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
const memberParameters: Readonly<Record<string, readonly string[]>> = {
  Observation: ['subject', 'performer'],
  Condition: ['patient', 'asserter'],
  Encounter: ['patient'],
  RelatedPerson: ['patient'],
  List: ['subject', 'source'],
  CareTeam: ['patient', 'participant'],
  Composition: ['subject', 'author', 'attester'],
};
/** Types of the world that are in no patient's compartment. */
const supportingTypes = ['Practitioner', 'Organization', 'Location', 'Device', 'ValueSet', 'Binary'];

interface Found {
  readonly entry?: readonly { readonly resource: TestResource; readonly search: { readonly mode: string } }[];
}

const nameOf = ({ resourceType, id }: TestResource): string => `${resourceType}/${id}`;

/** Texts of `reference` anywhere in a resource. */
function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'reference' && typeof member === 'string' ? [member] : referencesIn(member),
  );
}

describe.each(databases)('whole records under random rights, on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent' });
    await furnishAskers(world);
  });
  afterAll(() => world.close());

  it.each(
    fc.sample(randomApprovals, { numRuns: sets, seed }).map((one, n) => [n, described(one), one] as const),
  )(
    `seed ${seed}, set %i: %s`,
    async (n, _text, approval) => {
      if (approval.asker.roles.includes(definedRole)) {
        await world.get(RolesService).update(definedRole, { rules: approval.rules.map(ruleOf) });
      }
      const path = await makeRepository(world, `records-${n}`, resources);
      const { asker, patient } = approval;
      const who = asker.kind === 'client' ? { clientId: asker.name } : { username: asker.name };
      const token = await world.token(
        { ...who, scope: scopeText(approval), ...(patient === null ? {} : { patient }) },
        path,
      );
      const search = async (query: string): Promise<readonly TestResource[]> => {
        const answer = await send(world, path, token, { method: 'GET', url: query });
        if (answer.statusCode === 403) return [];
        expect(answer.statusCode).toBe(200);
        return (answer.json<Found>().entry ?? []).map(({ resource }) => resource);
      };
      for (const id of ['a', 'b', 'c', 'dora']) {
        const url = `Patient/${id}/$everything`;
        const read = await send(world, path, token, { method: 'GET', url: `Patient/${id}` });
        const answer = await send(world, path, token, { method: 'GET', url });
        expect([id, answer.statusCode]).toEqual([id, read.statusCode]);
        if (read.statusCode !== 200) continue;
        const members = new Map<string, TestResource>([[`Patient/${id}`, read.json<TestResource>()]]);
        for (const [type, codes] of Object.entries(memberParameters)) {
          for (const code of codes) {
            for (const one of await search(`${type}?${code}=Patient/${id}&_count=200`))
              members.set(nameOf(one), one);
          }
        }
        const referred = new Set([...members.values()].flatMap(referencesIn));
        const supporting: string[] = [];
        for (const type of supportingTypes) {
          const ids = [...referred]
            .filter((one) => one.startsWith(`${type}/`))
            .map((one) => one.slice(type.length + 1));
          if (ids.length === 0) continue;
          for (const one of await search(`${type}?_id=${ids.join(',')}&_count=200`)) {
            const owner = (one.patient as { reference?: string } | undefined)?.reference;
            if (owner === undefined || owner === `Patient/${id}`) supporting.push(nameOf(one));
          }
        }
        const { entry = [] } = answer.json<Found>();
        const of = (mode: string): readonly string[] =>
          entry
            .filter(({ search: one }) => one.mode === mode)
            .map(({ resource }) => nameOf(resource))
            .sort();
        expect(of('match')).toEqual([...members.keys()].sort());
        expect(of('include')).toEqual(supporting.sort());
        // In pages there is the same, each member once.
        const pages = await sendAll(world, path, token, { method: 'GET', url: `${url}?_count=20` });
        const paged = pages.flatMap((page) => page.json<Found>().entry ?? []);
        expect(
          paged
            .filter(({ search: one }) => one.mode === 'match')
            .map(({ resource }) => nameOf(resource))
            .sort(),
        ).toEqual([...members.keys()].sort());
        expect(
          [
            ...new Set(
              paged
                .filter(({ search: one }) => one.mode === 'include')
                .map(({ resource }) => nameOf(resource)),
            ),
          ].sort(),
        ).toEqual(supporting.sort());
      }
    },
    120_000,
  );
});
