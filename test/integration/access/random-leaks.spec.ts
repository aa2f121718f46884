import fc from 'fast-check';
import { RolesService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { World } from './application.js';
import type { TestResource } from './approved.js';
import { readingRequests, requestsOf } from './leak-requests.js';
import { searchingRequests, type TestRequest } from './leak-searches.js';
import { resources } from './leak-resources.js';
import { furnishAskers, makeRepository, nextPage, normal, send, sendAll } from './leak-world.js';
import { writableTypes } from './leak-writes.js';
import {
  decides,
  definedRole,
  described,
  mayDo,
  randomApprovals,
  ruleOf,
  scopeText,
  type Letter,
  type RandomApproval,
} from './random-approvals.js';
import { volume } from '../../kit/volume.js';

const sets = volume(10);
const runs = volume(30);
/** The same sets and requests in every run, unless FIREKEEP_TEST_SEED names others. */
const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 20_260_729);
const everything: readonly Letter[] = ['c', 'r', 'u', 'd', 's'];

const nameOf = ({ resourceType, id }: TestResource): string => `${resourceType}/${id}`;
const loaded = new Map(resources.map((resource) => [nameOf(resource), resource]));

interface Place {
  readonly path: string;
  readonly token: string;
}

/** Tokens of random scopes, of people with random roles: see leaks.spec.ts for what must not show. */
describe.each(databases)('what random scopes and roles approve, on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent', audit: ['writes'] });
    await furnishAskers(world);
  });
  afterAll(() => world.close());

  async function placeOf(
    approval: RandomApproval,
    name: string,
    held: readonly TestResource[],
  ): Promise<Place> {
    const { asker, patient } = approval;
    const path = await makeRepository(world, name, held);
    const who = asker.kind === 'client' ? { clientId: asker.name } : { username: asker.name };
    const scope = scopeText(approval);
    const token = await world.token({ ...who, scope, ...(patient === null ? {} : { patient }) }, path);
    return { path, token };
  }

  /** Both answer alike. @returns the answer of the first. */
  async function sameOf(all: Place, approved: Place, request: TestRequest): Promise<readonly string[]> {
    const answers = [];
    for (const { path, token } of [all, approved]) answers.push(await sendAll(world, path, token, request));
    const [first, second] = answers.map((pages, n) =>
      pages.map((page) => normal(page, world.base((n === 0 ? all : approved).path))),
    );
    expect(first).toEqual(second);
    return (answers[0] ?? []).filter(({ statusCode }) => statusCode === 200).map(({ body }) => body);
  }

  const approvals = fc.sample(randomApprovals, { numRuns: sets, seed });

  it.each(approvals.map((approval, n) => [n, described(approval), approval] as const))(
    `seed ${seed}, set %i: %s`,
    async (n, _text, approval) => {
      if (approval.asker.roles.includes(definedRole)) {
        await world.get(RolesService).update(definedRole, { rules: approval.rules.map(ruleOf) });
      }
      const may = (...letters: Letter[]) =>
        resources.filter((one) => letters.some((letter) => mayDo(approval, letter, one)));
      const withDeciding = (seen: readonly TestResource[]) =>
        resources.filter((one) => seen.includes(one) || decides(approval, one));
      const all = await placeOf(approval, `all-${n}`, resources);
      await modelHolds(all, approval);
      const options = { numRuns: runs, endOnFailure: true, seed: seed + n };

      const found = await placeOf(approval, `found-${n}`, withDeciding(may('s')));
      await fc.assert(
        fc.asyncProperty(searchingRequests, async (request) => {
          for (const body of await sameOf(all, found, request)) {
            expectOnly(body, (one) => mayDo(approval, 's', one));
          }
        }),
        options,
      );
      const read = await placeOf(approval, `read-${n}`, withDeciding(may('r')));
      await fc.assert(
        fc.asyncProperty(readingRequests, async (request) => {
          for (const body of await sameOf(all, read, request)) {
            expectOnly(body, (one) => mayDo(approval, 'r', one));
          }
        }),
        options,
      );
      await pagesOf(all, approval, options);
      const writable = writableTypes.filter(
        (type) => !resources.some((one) => one.resourceType === type && decides(approval, one)),
      );
      const known = await placeOf(approval, `known-${n}`, withDeciding(may(...everything)));
      await fc.assert(
        fc.asyncProperty(requestsOf(writable), async (request) => {
          await sameOf(all, known, request);
        }),
        options,
      );
    },
    600_000,
  );

  /** Reads one by one and searches by type give what the plain reading of scopes and rules says. */
  async function modelHolds({ path, token }: Place, approval: RandomApproval): Promise<void> {
    const seen: string[] = [];
    for (const resource of resources) {
      const { statusCode } = await send(world, path, token, { method: 'GET', url: nameOf(resource) });
      if (statusCode === 200) seen.push(nameOf(resource));
    }
    expect(seen).toEqual(resources.filter((one) => mayDo(approval, 'r', one)).map(nameOf));
    const found: string[] = [];
    for (const type of new Set(resources.map(({ resourceType }) => resourceType))) {
      const answer = await send(world, path, token, { method: 'GET', url: `${type}?_count=200` });
      if (answer.statusCode !== 200) continue;
      const { entry = [] } = answer.json<{ entry?: { resource: TestResource }[] }>();
      found.push(...entry.map(({ resource }) => nameOf(resource)));
    }
    expect(found.sort()).toEqual(
      resources
        .filter((one) => mayDo(approval, 's', one))
        .map(nameOf)
        .sort(),
    );
  }

  /** Page links of a wider token of the same caller show no more than the own token; those of others nothing. */
  async function pagesOf(
    { path, token }: Place,
    approval: RandomApproval,
    options: fc.Parameters<[TestRequest]>,
  ): Promise<void> {
    const { asker } = approval;
    const isClient = asker.kind === 'client';
    const who = isClient ? { clientId: asker.name } : { username: asker.name };
    const wide = await world.token({ ...who, scope: isClient ? 'system/*.rs' : 'user/*.rs' }, path);
    const stranger = await world.token({ username: 'root', scope: 'user/*.rs' }, path);
    await fc.assert(
      fc.asyncProperty(searchingRequests, async (request) => {
        const url = nextPage(world, path, await send(world, path, wide, request));
        if (url === undefined) return;
        const foreign = await send(world, path, stranger, { method: 'GET', url });
        expect([foreign.statusCode, foreign.body]).toEqual([403, expect.stringContaining('PAGE_FOREIGN')]);
        for (const { statusCode, body } of await sendAll(world, path, token, { method: 'GET', url })) {
          if (statusCode === 200) expectOnly(body, (one) => mayDo(approval, 's', one));
          else expect([statusCode, 403]).toEqual([403, statusCode]);
        }
      }),
      options,
    );
  }

  /** Whatever was loaded and is in the answer may be seen. */
  function expectOnly(body: string, isSeen: (resource: TestResource) => boolean): void {
    if (!body.startsWith('{')) return;
    const { entry, ...single } = JSON.parse(body) as { entry?: { resource?: TestResource }[] };
    const shown =
      entry === undefined ? [single as unknown as TestResource] : entry.map(({ resource }) => resource);
    const beyond = shown.flatMap((resource) => {
      const known = resource === undefined ? undefined : loaded.get(nameOf(resource));
      return known === undefined || isSeen(known) ? [] : [nameOf(known)];
    });
    expect(beyond).toEqual([]);
  }
});
