import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { EndpointsService } from '../../../src/endpoints/index.js';
import { RolesService, UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { bearer, World } from './application.js';
import { approvals, type Approval, type TestResource } from './approved.js';
import { requests, type TestRequest } from './leak-requests.js';
import { resources } from './leak-resources.js';

const json = 'application/fhir+json';
const runs = Number(process.env.FIREKEEP_TEST_RUNS ?? 250);

/**
 * What is not approved must not show: not in content, count, order or status. So a repository that holds everything
 * must answer exactly as one that holds what is approved and nothing else.
 */
describe.each(databases)('what a token approves, on $name', ({ create }) => {
  let world: World;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent' });
  });
  afterAll(() => world.close());

  async function fill(path: string, held: readonly TestResource[]): Promise<void> {
    const token = await world.token({ clientId: 'loader' }, path);
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: held.map((resource) => ({
        resource,
        request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
      })),
    };
    const answer = await world.call({
      ...{ method: 'POST', url: path, headers: { 'content-type': json, ...bearer(token) } },
      payload: JSON.stringify(bundle),
    });
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
  }

  function send(path: string, token: string, request: TestRequest): Promise<LightMyRequestResponse> {
    const { method, url, body, headers } = request;
    return world.call({
      method,
      url: url === '' ? path : `${path}/${url}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers, ...bearer(token) },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  describe.each(approvals.map((approval, n) => ({ ...approval, n })))(
    '$name',
    (approval: Approval & { n: number }) => {
      const allPath = `/all-${approval.n}/r4`;
      const approvedPath = `/approved-${approval.n}/r4`;
      let tokens: Readonly<Record<string, string>>;

      beforeAll(async () => {
        const endpoints = world.get(EndpointsService);
        await endpoints.create({ path: allPath, repository: `all-${approval.n}`, checkMode: 'bearer' });
        await endpoints.create({
          path: approvedPath,
          repository: `approved-${approval.n}`,
          checkMode: 'bearer',
        });
        await fill(allPath, resources);
        await fill(approvedPath, resources.filter(approval.sees));
        const { username, scope, patient, rules } = approval;
        if (rules !== undefined) {
          await world.get(RolesService).create({ name: `${username}-role`, rules });
          await world.get(UsersService).create({
            ...{ username, password: 'a long passphrase', roles: [`${username}-role`] },
            fhirUser: 'Practitioner/x',
          });
        }
        const request = { username, scope, ...(patient === undefined ? {} : { patient }) };
        tokens = {
          [allPath]: await world.token(request, allPath),
          [approvedPath]: await world.token(request, approvedPath),
        };
      });

      const seen = async (path: string, request: TestRequest): Promise<object> =>
        normal(await send(path, tokens[path] ?? '', request), world.base(path));

      it('is found in full by searches, and read one by one', async () => {
        const approved = resources.filter(approval.sees);
        expect(approved.length).toBeGreaterThan(0);
        for (const type of new Set(resources.map(({ resourceType }) => resourceType))) {
          const expected = approved.filter(({ resourceType }) => resourceType === type).map(({ id }) => id);
          const answer = await send(allPath, tokens[allPath] ?? '', {
            method: 'GET',
            url: `${type}?_count=200`,
          });
          const found =
            answer.statusCode === 403
              ? []
              : ((answer.json().entry ?? []) as { resource: TestResource }[]).map(
                  ({ resource }) => resource.id,
                );
          expect([type, found.sort()]).toEqual([type, expected.sort()]);
        }
        for (const resource of resources) {
          const { statusCode } = await send(allPath, tokens[allPath] ?? '', {
            ...{ method: 'GET', url: `${resource.resourceType}/${resource.id}` },
          });
          expect([resource.resourceType, resource.id, statusCode === 200]).toEqual([
            ...[resource.resourceType, resource.id],
            approval.sees(resource),
          ]);
        }
      });

      it('is all that requests can tell', async () => {
        const statuses = new Map<number, number>();
        await fc.assert(
          fc.asyncProperty(requests, async (request) => {
            const answers = [await seen(allPath, request), await seen(approvedPath, request)] as const;
            expect(answers[0]).toEqual(answers[1]);
            const { status } = answers[0] as { status: number };
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
          }),
          { numRuns: runs, endOnFailure: true, ...seed() },
        );
        expect(statuses.get(200) ?? 0).toBeGreaterThan(runs / 20);
      }, 300_000);
    },
  );
});

/** The same requests in every run, unless FIREKEEP_TEST_SEED names others. */
function seed(): { readonly seed: number } {
  return { seed: Number(process.env.FIREKEEP_TEST_SEED ?? -1461095794) };
}

/** An answer without what differs from repository to repository: addresses, times, ids that the server chose. */
function normal(answer: LightMyRequestResponse, base: string): object {
  const { etag, location, 'content-type': type } = answer.headers;
  const ids = new Map<string, string>();
  const plain = (text: string): string =>
    text
      .replaceAll(base, 'BASE')
      .replaceAll(base.replace(/^http:\/\/[^/]+/, ''), 'PATH')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
        if (!ids.has(id)) ids.set(id, `id-${ids.size}`);
        return ids.get(id) ?? '';
      })
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME')
      .replace(/_page=[\w-]+/g, '_page=PAGE')
      .replace(/explain [a-z2-9]+/g, 'explain REFERENCE')
      .replace(/Reference [a-z2-9]{6,}/g, 'Reference REFERENCE');
  return {
    status: answer.statusCode,
    type,
    etag,
    location: location === undefined ? undefined : plain(location),
    body: plain(answer.body),
  };
}
