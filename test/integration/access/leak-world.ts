import { EndpointsService } from '../../../src/endpoints/index.js';
import type { HttpAnswer } from '../../kit/http.js';
import { RolesService, UsersService } from '../../../src/users/index.js';
import { bearer, type World } from './application.js';
import type { TestResource } from './approved.js';
import type { TestRequest } from './leak-searches.js';
import { askers, definedRole } from './random-approvals.js';

const json = 'application/fhir+json';
/** Pages behind the first one that are looked at. */
const morePages = 2;

/** The users of random approvals, and the role whose rules each of the approvals changes. */
export async function furnishAskers(world: World): Promise<void> {
  await world.get(RolesService).create({ name: definedRole, rules: [] });
  for (const { name, roles, fhirUser } of askers.filter((asker) => asker.name.startsWith('roamer'))) {
    await world.get(UsersService).create({
      ...{ username: name, password: 'a long passphrase', roles: [...roles] },
      ...(fhirUser === null ? {} : { fhirUser }),
    });
  }
  await world.get(UsersService).update('alice', { fhirUser: 'Practitioner/x' });
}

/** A repository of its own behind an endpoint, with what it is to hold. */
export async function makeRepository(
  world: World,
  name: string,
  held: readonly TestResource[],
): Promise<string> {
  const path = `/${name}/r4`;
  await world.get(EndpointsService).create({ path, repository: name, checkMode: 'bearer' });
  if (held.length === 0) return path;
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
  return path;
}

export function send(world: World, path: string, token: string, request: TestRequest): Promise<HttpAnswer> {
  const { method, url, body, headers } = request;
  return world.call({
    method,
    url: url === '' ? path : `${path}/${url}`,
    headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers, ...bearer(token) },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** The answer and the pages behind it. */
export async function sendAll(
  world: World,
  path: string,
  token: string,
  request: TestRequest,
): Promise<readonly HttpAnswer[]> {
  const answers = [await send(world, path, token, request)];
  while (answers.length <= morePages) {
    const url = nextPage(world, path, answers.at(-1));
    if (url === undefined) break;
    answers.push(await send(world, path, token, { method: 'GET', url }));
  }
  return answers;
}

/** The next page, below the base; undefined: there is none. */
export function nextPage(world: World, path: string, answer: HttpAnswer | undefined): string | undefined {
  // A search of the whole system has nothing between the base and its parameters.
  return nextLink(answer)?.slice(world.base(path).length).replace(/^\//, '');
}

function nextLink(answer: HttpAnswer | undefined): string | undefined {
  if (answer?.statusCode !== 200) return undefined;
  const { body } = answer;
  if (body.startsWith('<')) {
    return /<relation value="next"\/>\s*<url value="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  if (!body.includes('"next"')) return undefined;
  const { link } = answer.json<{ link?: { relation: string; url: string }[] }>();
  return link?.find(({ relation }) => relation === 'next')?.url;
}

/** An answer without what differs from repository to repository: addresses, times, ids that the server chose. */
export function normal(answer: HttpAnswer, base: string): Readonly<Record<string, unknown>> {
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
