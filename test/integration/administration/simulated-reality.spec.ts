import fc from 'fast-check';
import { RolesService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { adminPath, basic, World } from '../access/application.js';
import type { TestResource } from '../access/approved.js';
import { criteriaOf } from '../access/leak-criteria.js';
import { requestsOf } from '../access/leak-requests.js';
import { resources } from '../access/leak-resources.js';
import type { TestRequest } from '../access/leak-searches.js';
import { furnishAskers, makeRepository, send } from '../access/leak-world.js';
import {
  definedRole,
  described,
  isIn,
  isOfOwnPatient,
  mayDo,
  randomApprovals,
  ruleOf,
  scopeText,
  type Letter,
  type RandomApproval,
} from '../access/random-approvals.js';
import { volume } from '../../kit/volume.js';

const sets = volume(12);
const runs = volume(30);
const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 20_261_125);

interface Reach {
  readonly types: readonly string[];
  readonly access: 'all' | 'some' | 'none';
  readonly anyOf: readonly (readonly string[])[];
}
interface Simulation {
  readonly allowed: boolean;
  readonly reach: readonly Reach[];
}

const types = [...new Set(resources.map(({ resourceType }) => resourceType))];
const nameOf = ({ resourceType, id }: TestResource): string => `${resourceType}/${id}`;

/** What a criterion of the simulation's answer says of a resource. */
function says(text: string, resource: TestResource): boolean {
  const [, owner = '', compartment = ''] = /^in the compartment of ((\w+)\/.+)$/.exec(text) ?? [];
  if (compartment !== '') return isIn(compartment, owner, resource);
  const [, by, user] = /^of patients whose (.+) has (.+) as participant$/.exec(text) ?? [];
  if (by !== undefined && user !== undefined) {
    return isOfOwnPatient(resource, user, by.split(' or ') as ('careteam' | 'encounter')[]);
  }
  // It is about what is written, and says nothing of what is there.
  if (text === 'with no participants whom its patient did not have') return true;
  const [, id] = /^_id=([^&]+)$/.exec(text) ?? [];
  const known = criteriaOf(resource.resourceType).find(({ query }) => query === text);
  if (known !== undefined) return known.holds(resource, () => true);
  if (id !== undefined) return resource.id === id;
  throw new Error(`Nothing is known of "${text}".`);
}

function isShown({ access, anyOf }: Reach, resource: TestResource): boolean {
  return access === 'all' || anyOf.some((all) => all.every((text) => says(text, resource)));
}

/** A search by POST as the simulation takes it: its parameters stand in the address. */
function addressOf({ url, body }: TestRequest): string {
  if (!url.endsWith('_search')) return url;
  const [path = ''] = url.split('?');
  return typeof body === 'string' && body !== '' ? `${path}?${body}` : path;
}

describe.each(databases)('simulated requests and real ones, on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent' });
    await furnishAskers(world);
  });
  afterAll(() => world.close());

  const approvals = fc.sample(randomApprovals, { numRuns: sets, seed });

  /** Undefined: there is no such request. */
  async function simulate(approval: RandomApproval, endpoint: string, request: object) {
    const { asker, patient } = approval;
    const answer = await world.call({
      ...{ method: 'POST', url: `${adminPath}/access-simulations` },
      headers: { 'content-type': 'application/json', ...basic('carla') },
      payload: JSON.stringify({
        ...(asker.kind === 'client' ? { clientId: asker.name } : { username: asker.name }),
        ...{ scope: scopeText(approval), endpoint },
        ...(patient === null ? {} : { patient }),
        ...request,
      }),
    });
    if ([400, 404, 405].includes(answer.statusCode)) return undefined;
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
    return answer.json<Simulation>();
  }

  it.each(approvals.map((approval, n) => [n, described(approval), approval] as const))(
    `seed ${seed}, set %i: %s`,
    async (n, _text, approval) => {
      const { asker, patient } = approval;
      if (asker.roles.includes(definedRole)) {
        await world.get(RolesService).update(definedRole, { rules: approval.rules.map(ruleOf) });
      }
      const path = await makeRepository(world, `reality-${n}`, resources);
      const who = asker.kind === 'client' ? { clientId: asker.name } : { username: asker.name };
      const scope = scopeText(approval);
      const token = await world.token({ ...who, scope, ...(patient === null ? {} : { patient }) }, path);
      await reachHolds(approval, path, token);
      const single = requestsOf([]).filter(({ url }) => url !== '');
      await fc.assert(
        fc.asyncProperty(single, async (request) => {
          await agree(approval, path, token, request);
        }),
        { numRuns: runs, endOnFailure: true, seed: seed + n },
      );
    },
    600_000,
  );

  /** What the answers say would be left out is what is left out. */
  async function reachHolds(approval: RandomApproval, path: string, token: string): Promise<void> {
    for (const type of types) {
      const all = resources.filter(({ resourceType }) => resourceType === type);
      const seen: Readonly<Record<'r' | 's', readonly TestResource[]>> = {
        s: await found(path, token, all),
        r: await readable(path, token, all),
      };
      const asked: readonly (readonly [string, string, Letter])[] = [
        ['GET', type, 's'],
        ['GET', `${type}/x`, 'r'],
        ['PUT', `${type}/x`, 'u'],
        ['DELETE', `${type}/x`, 'd'],
      ];
      for (const [method, url, letter] of asked) {
        const simulation = await simulate(approval, path, { method, url });
        const reach = simulation?.reach.find((one) => one.types.includes(type));
        const shown = all.filter((one) => reach !== undefined && isShown(reach, one));
        const real =
          letter === 'r' || letter === 's' ? seen[letter] : all.filter((one) => mayDo(approval, letter, one));
        // What a client’s own words find through chains depends on what the roles show of others.
        const isBlurred = approval.scopes.some(({ criteria }) => (criteria?.through.length ?? 0) > 0);
        const told = isBlurred ? shown.filter((one) => real.includes(one)) : shown;
        expect([method, url, told.map(nameOf)]).toEqual([method, url, real.map(nameOf)]);
        if (reach?.access === 'none') expect(real).toEqual([]);
      }
    }
  }

  async function found(path: string, token: string, all: readonly TestResource[]) {
    const url = `${all[0]?.resourceType ?? ''}?_count=200`;
    const answer = await send(world, path, token, { method: 'GET', url });
    if (answer.statusCode !== 200) return [];
    const { entry = [] } = answer.json<{ entry?: { resource: TestResource }[] }>();
    const names = entry.map(({ resource }) => nameOf(resource));
    return all.filter((one) => names.includes(nameOf(one)));
  }

  async function readable(path: string, token: string, all: readonly TestResource[]) {
    const shown: TestResource[] = [];
    for (const one of all) {
      const { statusCode } = await send(world, path, token, { method: 'GET', url: nameOf(one) });
      if (statusCode === 200) shown.push(one);
    }
    return shown;
  }

  /** Refused in the simulation, refused in reality; what is refused for its content lies at a part that is reached. */
  async function agree(
    approval: RandomApproval,
    path: string,
    token: string,
    request: TestRequest,
  ): Promise<void> {
    const { method, headers = {} } = request;
    const ifNoneExist = headers['if-none-exist'];
    const simulation = await simulate(approval, path, {
      ...{ method, url: addressOf(request) },
      ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
    });
    const real = await send(world, path, token, request);
    const isDenied = real.statusCode === 403 && !real.body.includes('FHIR_ACCESS_OUTSIDE');
    if (simulation === undefined) {
      expect(real.statusCode).toBeGreaterThanOrEqual(400);
      return;
    }
    expect([simulation.allowed, real.statusCode]).toEqual([!isDenied, real.statusCode]);
    if (real.body.includes('FHIR_ACCESS_OUTSIDE')) {
      expect(simulation.reach.map(({ access }) => access)).not.toEqual(['all']);
    }
  }
});
