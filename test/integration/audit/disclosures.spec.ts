import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { randomUUID } from 'node:crypto';
import { AuditQueue } from '../../../src/audit/queue/audit-queue.js';
import { Dispatcher } from '../../../src/fhir/dispatch/dispatcher.js';
import { RESOURCE_STORE, type FhirOperation, type ResourceStore } from '../../../src/fhir/index.js';
import { FhirOperations } from '../../../src/fhir/operations/fhir-operations.js';
import { LAUNCH_DIRECTORY, type LaunchDirectory } from '../../../src/oauth2/index.js';
import { UsersService } from '../../../src/users/index.js';
import { sqlite } from '../../kit/databases.js';
import { bearer, bearerPath, World } from '../access/application.js';
import { auditorPassword, eventsOf } from './audit-events.js';
import {
  entries,
  inBundle,
  operations,
  payloadOf,
  record,
  routes,
  type Disclosure,
  type Way,
} from './disclosing-ways.js';

interface OpenFhirOperation extends FhirOperation {
  readonly isWatched?: boolean;
  readonly readsByGet?: true;
}

/** Whatever shows something of a resource leaves an event that names the patient, and every way is known to this test. */
describe('what shows resources', () => {
  let world: World;
  let token: string;
  let rooted: string;

  beforeAll(async () => {
    world = await World.start(await sqlite.create(), { logLevel: 'silent', audit: ['reads', 'writes'] });
    await world
      .get(UsersService)
      .create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
    token = await world.token({ username: 'alice', scope: 'user/*.cruds' }, bearerPath);
    rooted = await world.token({ username: 'root', scope: 'user/*.cruds' }, bearerPath);
  });
  afterAll(() => world.close());

  const send = (way: Way, key?: string) =>
    world.call({
      method: way.method,
      url: `${bearerPath}${way.url === '' || way.url.startsWith('?') ? '' : '/'}${way.url.replaceAll('|', '%7C')}`,
      ...payloadOf(way),
      headers: {
        ...payloadOf(way).headers,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...bearer(way.url.includes('$reindex') ? rooted : token),
      },
    });
  /** Events of others than the auditor, whose own look at them is one about the patients, too. */
  const eventsAbout = async (query: string): Promise<number> => {
    await world.get(AuditQueue).flush();
    const events = await eventsOf(world, `${query}&_count=200`);
    return events.filter(({ agent }) => !JSON.stringify(agent).includes('audrey')).length;
  };

  /** Stores a record of its own. */
  async function stored(): Promise<readonly [id: string, word: string]> {
    const id = randomUUID();
    const word = `word-${randomUUID()}`;
    const entry = record(id, word).map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${id}` },
    }));
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await send({ method: 'POST', url: '', body })).statusCode).toBe(200);
    return [id, word];
  }

  /** @throws Error where something shows, and nothing is recorded */
  async function requireEvent(
    { of, shows }: Disclosure,
    toWay: (way: Way) => Way = (way) => way,
  ): Promise<void> {
    const [id, word] = await stored();
    const way = toWay(of(id, word));
    // Not all of what tells something is about one patient.
    const about =
      shows === 'something' ? `_lastUpdated=ge${new Date().toISOString()}` : `patient=Patient/${id}`;
    for (const key of way.method === 'GET' ? [undefined] : [undefined, 'first', 'again']) {
      const before = await eventsAbout(about);
      const answer = await send(way, key && `${key === 'again' ? 'first' : key}-${id}`);
      if (answer.statusCode >= 500) throw new Error(answer.body);
      const isShown = answer.body.includes(word);
      if (key === undefined && shows === undefined && !isShown) {
        throw new Error(`It was to be shown: ${answer.statusCode} ${answer.body}`);
      }
      if (shows === 'nothing' && isShown) throw new Error(`Nothing was to be shown: ${answer.body}`);
      const isTold = isShown || (shows === 'something' && answer.statusCode < 300);
      if (isTold && (await eventsAbout(about)) <= before) {
        throw new Error(`${way.method} ${way.url} (${key ?? 'once'}) shows a resource, and has no event.`);
      }
    }
  }

  /** The routes of all controllers: `GET @fhir/:type/:id`. */
  function allRoutes(): readonly string[] {
    const modules = [...world.app.get(ModulesContainer, { strict: false }).values()];
    return modules.flatMap(({ controllers }) =>
      [...controllers.values()].flatMap(({ metatype, instance }) => {
        if (typeof metatype !== 'function' || instance === null) return [];
        const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
        return Object.getOwnPropertyNames(prototype).flatMap((name) => {
          const handler = prototype[name] ?? {};
          if (!Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
          const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? '';
          return pathsOf(metatype).flatMap((prefix) =>
            pathsOf(handler).map(
              (path) => `${method} ${[prefix, path].map(trimmed).filter(Boolean).join('/')}`,
            ),
          );
        });
      }),
    );
  }

  /** The ways to call an operation: `meta instance GET`. */
  function waysOf({ name, types, access, affectsState, isWatched, readsByGet }: OpenFhirOperation): string[] {
    const named = types === undefined ? name : `${name}(${types.join()})`;
    const methods = affectsState && isWatched !== true && readsByGet !== true ? ['POST'] : ['GET', 'POST'];
    return Object.keys(access).flatMap((level) => methods.map((method) => `${named} ${level} ${method}`));
  }

  const allOperations = (): readonly string[] =>
    world
      .get(FhirOperations)
      .all()
      .flatMap((operation) => waysOf(operation));

  it('is every route below an endpoint', () => {
    const ofFhir = allRoutes()
      .filter((route) => /^[A-Z]+ @fhir(?:\/|$)/.test(route))
      .map((route) => route.replace(/ @fhir\/?/, ' '))
      // Operations have a list of their own; the rest answers 404.
      .filter((route) => !/^(?:ALL .*|(?:PUT|PATCH|DELETE) )$/.test(route));
    expect([...new Set(ofFhir)].sort()).toEqual(Object.keys(routes).sort());
  });

  it('is no route elsewhere', () => {
    const prefixes = allRoutes().map((route) => /^[A-Z]+ ([^/]*)/.exec(route)?.[1] ?? '');
    // Settings and accounts, health, addresses and pages.
    expect([...new Set(prefixes)].sort()).toEqual(['', '.well-known', '@fhir', 'admin', 'health']);
  });

  it('is every operation, at each level and by each method', () => {
    expect([...allOperations()].sort()).toEqual(Object.keys(operations).sort());
  });

  it('is every interaction that a request or an entry can be', () => {
    const { answers } = world.get(Dispatcher) as unknown as { answers: object };
    expect(Object.keys(answers).sort()).toEqual(Object.keys(entries).sort());
  });

  it.each(Object.entries(routes))('%s has events', async (_route, ways) => {
    for (const way of ways) await requireEvent(way);
  });

  it.each(Object.entries(operations))('$%s has events', async (_operation, ways) => {
    for (const way of ways) await requireEvent(way);
  });

  it.each(
    (['batch', 'transaction'] as const).flatMap((type) =>
      Object.entries(entries).map(([interaction, way]) => [interaction, type, way] as const),
    ),
  )('%s in a %s has events', async (_interaction, type, way) => {
    await requireEvent(way, (one) => inBundle(type, one));
  });

  it('is the list from which a patient is picked for an app', async () => {
    const [id] = await stored();
    const directory = world.app.get<LaunchDirectory>(LAUNCH_DIRECTORY, { strict: false });
    const user = { username: 'alice', clientId: 'growth-app', audience: world.base(bearerPath) };
    const before = await eventsAbout(`patient=Patient/${id}`);
    expect((await directory.patient(user, id))?.id).toBe(id);
    expect(await eventsAbout(`patient=Patient/${id}`)).toBe(before + 1);
  });

  it('is found where it has no event, or is not known to this test', async () => {
    const store = world.app.get<ResourceStore>(RESOURCE_STORE, { strict: false });
    world.get(FhirOperations).add({
      ...{ name: 'peek', definition: 'urn:peek', affectsState: false, narrows: 'read' },
      access: { instance: ['read'] },
      execute: async ({ type = '', id = '' }) => {
        const found = await store.read('default', type, id);
        return { status: 200, body: found?.content ?? Buffer.alloc(0) };
      },
    });
    await expect(
      requireEvent({ of: (id) => ({ method: 'GET', url: `Patient/${id}/$peek` }) }),
    ).rejects.toThrow('has no event');
    expect(allOperations().filter((way) => !(way in operations))).toEqual([
      'peek instance GET',
      'peek instance POST',
    ]);
  });
});

const trimmed = (path: string): string => path.replace(/^\/|\/$/g, '');

function pathsOf(target: object): readonly string[] {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | readonly string[] | undefined;
  return path === undefined ? [''] : typeof path === 'string' ? [path] : path;
}
