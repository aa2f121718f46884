import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import type { InjectOptions, Response as InjectResponse } from 'light-my-request';
import { EndpointRegistry } from '../../../src/endpoints/index.js';
import { FhirOperations, RepositoryDefinitions } from '../../../src/fhir/index.js';
import { fhirComponents } from '../../../src/documentation/fhir/documented-answers.js';
import {
  fhirPathsOf,
  genericFhirPaths,
  type FhirParts,
} from '../../../src/documentation/fhir/fhir-openapi.js';
import { Settings } from '../../../src/platform/config/index.js';
import { sqlite } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const base = '/fhir/r4';
const json = 'application/fhir+json';
type Method = NonNullable<InjectOptions['method']>;

interface Described {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<
    Record<string, { $ref?: string; headers?: Record<string, object>; content?: Record<string, object> }>
  >;
}

/** The documents say nothing of the database, so one is enough. */
describe('the OpenAPI documents of FHIR', () => {
  let fhir: FhirApplication;
  let parts: FhirParts;
  let generic: Readonly<Record<string, Readonly<Record<string, Described>>>>;

  beforeAll(async () => {
    fhir = await fhirApplication(sqlite);
    const { app } = fhir;
    app.get(FhirOperations, { strict: false }).add({
      name: 'of-patients',
      definition: 'urn:of-patients',
      affectsState: true,
      types: ['Patient'],
      access: { type: ['update'] },
      execute: () => Promise.resolve({ status: 200 }),
    });
    parts = {
      base,
      definitions: app
        .get(RepositoryDefinitions, { strict: false })
        .of(app.get(EndpointRegistry, { strict: false }).defaultEndpoint()?.repository ?? ''),
      textIndex: app.get(Settings).get('textIndex'),
      operations: app.get(FhirOperations, { strict: false }).all(),
    };
    generic = genericFhirPaths(parts) as unknown as typeof generic;
  });
  afterAll(() => fhir.app.close());

  const ask = (
    method: Method,
    path: string,
    payload?: string,
    headers: InjectOptions['headers'] = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method,
      url: `${base}${path}`,
      headers: { ...(payload === undefined ? {} : { 'content-type': json }), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });

  /** `GET /fhir/r4/{type}`, of every route of the program below an endpoint, save those that answer what has none. */
  function routed(): Set<string> {
    const routes = new Set<string>();
    const operations = fhir.app.get(FhirOperations, { strict: false }).all();
    for (const { controllers } of fhir.app.get(ModulesContainer).values()) {
      for (const { metatype } of controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const [root = ''] = [Reflect.getMetadata(PATH_METADATA, metatype)].flat() as string[];
        if (!/^\/?@fhir/.test(root)) continue;
        for (const name of Object.getOwnPropertyNames(metatype.prototype)) {
          const handler = metatype.prototype[name] as object;
          const path = Reflect.getMetadata(PATH_METADATA, handler) as string | undefined;
          if (path === undefined || path === '*' || /^(?:constructor|unknown.*)$/.test(name)) continue;
          const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? '';
          const route = `${root.replace(/^\/?@fhir/, '')}/${path}`.replace(/\/+/g, '/').replace(/\/$/, '');
          if (method !== 'ALL') routes.add(`${method} ${base}${route.replace(/:(\w+)/g, '{$1}')}`);
          else {
            const level = route.includes(':id') ? 'instance' : route.includes(':type') ? 'type' : 'system';
            for (const one of operations.filter(({ access }) => access[level] !== undefined)) {
              const address = route.replace(/:op\(.*\)$/, `$$${one.name}`).replace(/:(\w+)/g, '{$1}');
              const isPosted = one.affectsState && one.isWatched !== true && one.readsByGet !== true;
              for (const taken of isPosted ? ['POST'] : ['GET', 'POST'])
                routes.add(`${taken} ${base}${address}`);
            }
          }
        }
      }
    }
    return routes;
  }

  const documented = (): string[] =>
    Object.entries(generic).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
  /** Types that an operation is for; undefined: all, or it is none. */
  const typesOf = (path: string): readonly string[] | undefined => {
    const named = parts.operations.filter(({ name }) => path.endsWith(`/$${name}`));
    return named.length === 0 || named.some(({ types }) => types === undefined)
      ? undefined
      : named.flatMap(({ types = [] }) => types);
  };
  const addressOf = (path: string): string =>
    path
      .slice(base.length)
      .replace('{type}', typesOf(path)?.[0] ?? 'Patient')
      .replace('{id}', 'p')
      .replace('{vid}', '1')
      .replace('{member}', 'Observation');
  const isTaken = ({ statusCode, body }: InjectResponse): boolean =>
    statusCode !== 405 && !/FHIR_UNKNOWN_(?:ADDRESS|OPERATION)/.test(body);

  it('have every route of the program, and no other', () => {
    expect(documented().sort()).toEqual([...routed()].sort());
    expect(documented()).toEqual(
      expect.arrayContaining([
        `POST ${base}`,
        `PATCH ${base}/{type}`,
        `GET ${base}/_history`,
        `GET ${base}/{type}/{id}/{member}`,
        `POST ${base}/{type}/$validate`,
        `POST ${base}/{type}/{id}/$meta-add`,
        `GET ${base}/$meta`,
        `POST ${base}/{type}/$of-patients`,
      ]),
    );
  });

  it('name addresses that take the methods, and HEAD where there is GET', async () => {
    await ask('PUT', '/Patient/p', '{"resourceType":"Patient","id":"p"}');
    for (const [path, item] of Object.entries(generic)) {
      for (const method of [...Object.keys(item), ...('get' in item ? ['head'] : [])]) {
        const answer = await ask(method.toUpperCase(), addressOf(path));
        expect([method, path, answer.body, isTaken(answer)]).toEqual([method, path, answer.body, true]);
      }
      const others = ['put', 'patch', 'delete'].filter((method) => !(method in item));
      for (const method of others) {
        const answer = await ask(method.toUpperCase(), addressOf(path));
        expect([method, path, [400, 403, 404, 405, 415].includes(answer.statusCode)]).toEqual([
          method,
          path,
          true,
        ]);
      }
    }
  });

  it('say of every type what the generic document says', () => {
    for (const type of parts.definitions.resourceTypes) {
      const paths = Object.keys(fhirPathsOf(parts, type) ?? {});
      const expected = Object.keys(generic)
        .filter((path) => path.startsWith(`${base}/{type}`))
        .filter((path) => !path.includes('{member}') || parts.definitions.compartments.has(type))
        .filter((path) => typesOf(path)?.includes(type) !== false)
        .map((path) => path.replace('{type}', type));
      expect([type, paths.sort()]).toEqual([type, expected.sort()]);
    }
  });

  it('have both forms of resources in bodies and answers', () => {
    for (const [path, item] of Object.entries(generic)) {
      for (const [method, { requestBody, responses }] of Object.entries(item)) {
        const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
        for (const content of contents.filter((one) => one !== undefined)) {
          const types = Object.keys(content);
          if (types.includes('application/x-www-form-urlencoded')) continue;
          expect([method, path, types]).toEqual([
            method,
            path,
            expect.arrayContaining(['application/fhir+json', 'application/fhir+xml']),
          ]);
        }
      }
    }
  });

  it.each([
    ['GET /{type}/{id}', ['If-None-Match', 'If-Modified-Since']],
    ['POST /{type}', ['If-None-Exist', 'Idempotency-Key', 'Prefer']],
    ['PUT /{type}/{id}', ['If-Match', 'If-None-Match', 'Prefer']],
    ['PATCH /{type}/{id}', ['If-Match', 'Prefer']],
    ['DELETE /{type}/{id}', ['If-Match']],
    ['POST ', ['Idempotency-Key', 'Prefer']],
    ['GET /{type}', ['Prefer']],
    ['POST /{type}/{id}/$meta-add', ['If-Match']],
  ])('%s takes %j', (name, headers) => {
    const [method = '', path = ''] = name.split(' ');
    const described = generic[`${base}${path}`]?.[method.toLowerCase()];
    const names = described?.parameters.filter((one) => one.in === 'header').map((one) => one.name);
    expect(names).toEqual(expect.arrayContaining(headers));
  });

  it('have the parameters of operations that are primitive in the query of GET', () => {
    const names = generic[`${base}/{type}/$validate`]?.get?.parameters.map((one) => one.name);
    expect(names).toEqual(['type', 'mode', 'profile']);
  });

  it('name the statuses and headers of what is answered', async () => {
    const patient = (more = ''): string => `{"resourceType":"Patient","id":"h"${more}}`;
    const patch = { 'content-type': 'application/json-patch+json' };
    const change = '[{"op":"add","path":"/gender","value":"male"}]';
    const requests: readonly [name: string, InjectResponse][] = [
      ['PUT /{type}/{id}', await ask('PUT', '/Patient/h', patient())],
      ['PUT /{type}/{id}', await ask('PUT', '/Patient/h', patient(',"active":true'))],
      ['PUT /{type}/{id}', await ask('PUT', '/Patient/h', patient(), { 'if-match': 'W/"9"' })],
      ['GET /{type}/{id}', await ask('GET', '/Patient/h')],
      ['GET /{type}/{id}', await ask('GET', '/Patient/h', undefined, { 'if-none-match': 'W/"2"' })],
      ['GET /{type}/{id}/_history/{vid}', await ask('GET', '/Patient/h/_history/1')],
      ['PATCH /{type}/{id}', await ask('PATCH', '/Patient/h', change, patch)],
      ['PATCH /{type}/{id}', await ask('PATCH', '/Patient/h', '<a/>', { 'content-type': 'text/plain' })],
      ['POST /{type}', await ask('POST', '/Patient', '{"resourceType":"Patient"}')],
      [
        'POST /{type}',
        await ask('POST', '/Patient', '{"resourceType":"Patient"}', { 'if-none-exist': '_id=h' }),
      ],
      ['POST /{type}', await ask('POST', '/Patient', '{"resourceType":"Patient","gender":"x"}')],
      ['POST /{type}', await ask('POST', '/Patient', '{')],
      ['GET /{type}', await ask('GET', '/Patient?_id=h')],
      ['GET /{type}', await ask('GET', '/Patient?_id=h', undefined, { accept: 'image/png' })],
      ['GET /{type}/{id}/_history', await ask('GET', '/Patient/h/_history')],
      ['PUT /{type}', await ask('PUT', '/Patient?_id=h', patient())],
      ['PATCH /{type}', await ask('PATCH', '/Patient?_id=h', change, patch)],
      ['POST ', await ask('POST', '', '{"resourceType":"Bundle","type":"batch"}')],
      [
        'POST /{type}/{id}/$meta-add',
        await ask('POST', '/Patient/h/$meta-add', '{"resourceType":"Patient"}'),
      ],
      ['DELETE /{type}', await ask('DELETE', '/Patient?_id=h')],
      ['PUT /{type}/{id}', await ask('PUT', '/Patient/o', '{"resourceType":"Patient","id":"o"}')],
      [
        'DELETE /{type}/{id}',
        await ask('DELETE', '/Patient/o', undefined, { prefer: 'return=OperationOutcome' }),
      ],
      ['GET /{type}/{id}', await ask('GET', '/Patient/h')],
      ['PUT /{type}/{id}', await ask('PUT', '/Patient/d', '{"resourceType":"Patient","id":"d"}')],
      ['DELETE /{type}/{id}', await ask('DELETE', '/Patient/d')],
      ['GET /metadata', await ask('GET', '/metadata')],
    ];
    const known = Object.keys(fhirComponents.headers ?? {}).map((name) => name.toLowerCase());
    const statuses = new Set<number>();
    for (const [name, { statusCode, headers }] of requests) {
      const [method = '', path = ''] = name.split(' ');
      const described = generic[`${base}${path}`]?.[method.toLowerCase()]?.responses[statusCode];
      expect([name, statusCode, described]).toEqual([name, statusCode, expect.anything()]);
      const failure = described?.$ref?.split('/').at(-1) ?? '';
      const response = (fhirComponents.responses?.[failure] ?? described) as { headers?: object };
      const declared = Object.keys(response.headers ?? {}).map((one) => one.toLowerCase());
      const sent = known.filter((one) => headers[one] !== undefined);
      expect([name, statusCode, declared]).toEqual([name, statusCode, expect.arrayContaining(sent)]);
      if (statusCode < 400)
        expect([name, statusCode, sent.sort()]).toEqual([name, statusCode, declared.sort()]);
      statuses.add(statusCode);
    }
    expect([...statuses].sort()).toEqual([200, 201, 204, 304, 400, 406, 410, 412, 415, 422]);
  });
});
