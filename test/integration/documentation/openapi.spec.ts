import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { createApplication } from '../../../src/application/create-application.js';
import { loadDefinitions } from '../../../src/fhir/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { sqlite } from '../../kit/databases.js';

const methods = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head'] as const;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: object;
}

interface Operation {
  readonly summary?: string;
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly operationId?: string;
}

/** Every operation as `GET /path`. */
function operationsOf(document: OpenAPIObject): Map<string, Operation> {
  return new Map(
    Object.entries(document.paths).flatMap(([path, item]) =>
      methods.flatMap((method): [string, Operation][] =>
        item[method] === undefined ? [] : [[`${method.toUpperCase()} ${path}`, item[method] as Operation]],
      ),
    ),
  );
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

function resolves(document: OpenAPIObject, reference: string): boolean {
  if (!reference.startsWith('#/')) return false;
  const parts = reference.slice(2).split('/');
  let target: unknown = document;
  for (const part of parts) {
    if (typeof target !== 'object' || target === null) return false;
    target = (target as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return target !== undefined;
}

/** What OpenAPI 3.0 demands of a document, and what a reader of it needs. Empty: nothing is wrong. */
function faultsOf(document: OpenAPIObject): string[] {
  const faults: string[] = [];
  const fault = (when: boolean, text: string): void => {
    if (when) faults.push(text);
  };
  fault(!/^3\.0\.\d$/.test(document.openapi), 'version');
  fault(!document.info.title || !document.info.version, 'info');
  for (const reference of new Set(referencesIn(document))) {
    fault(!resolves(document, reference), `${reference} does not resolve`);
  }
  const schemes = Object.keys(document.components?.securitySchemes ?? {});
  const ids = new Set<string>();
  for (const [name, operation] of operationsOf(document)) {
    fault(!operation.summary, `${name}: no summary`);
    const responses = Object.entries(operation.responses ?? {});
    fault(responses.length === 0, `${name}: no responses`);
    fault(!responses.some(([status]) => /^[23]/.test(status)), `${name}: no success`);
    for (const [status, { description, $ref }] of responses) {
      fault(!/^[1-5]\d\d$/.test(status), `${name}: status ${status}`);
      fault(description === undefined && $ref === undefined, `${name}: ${status} has no description`);
    }
    for (const scheme of (operation.security ?? []).flatMap((requirement) => Object.keys(requirement))) {
      fault(!schemes.includes(scheme), `${name}: security scheme ${scheme}`);
    }
    const parameters = operation.parameters ?? [];
    const keys = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    fault(new Set(keys).size !== keys.length, `${name}: a parameter twice`);
    const inPath = [...name.matchAll(/\{([^}]+)\}/g)].map(([, parameter]) => parameter);
    const declared = parameters.filter((parameter) => parameter.in === 'path');
    fault(
      inPath.sort().join() !==
        declared
          .map((parameter) => parameter.name)
          .sort()
          .join(),
      `${name}: path parameters`,
    );
    fault(
      declared.some(({ required }) => required !== true),
      `${name}: optional path parameter`,
    );
    fault(
      parameters.some(({ schema = {} }) => !('type' in schema || '$ref' in schema)),
      `${name}: a parameter without type`,
    );
    if (operation.operationId !== undefined) {
      fault(ids.has(operation.operationId), `${name}: operationId twice`);
      ids.add(operation.operationId);
    }
  }
  return faults;
}

/** The documents say nothing of the database, so one is enough. */
describe('the OpenAPI documents', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await createApplication(
      Settings.of({
        port: 0,
        databaseUrl: await sqlite.create(),
        secretKey: randomBytes(32).toString('base64'),
        publicUrl: 'https://fhir.example.org',
        logLevel: 'error',
      }),
    );
  });

  afterAll(() => app.close());

  const documentAt = async (url: string): Promise<OpenAPIObject> => {
    const answer = await app.inject({ url });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    return answer.json();
  };

  it('has every route of OAuth2, management and FHIR', async () => {
    const names = [...operationsOf(await documentAt('/docs/openapi.json')).keys()];
    expect(names).toEqual(
      expect.arrayContaining([
        'GET /oauth2/authorize',
        'POST /oauth2/authorize',
        'POST /oauth2/par',
        'POST /oauth2/device_authorization',
        'GET /oauth2/device',
        'POST /oauth2/token',
        'POST /oauth2/introspection',
        'POST /oauth2/revocation',
        'GET /oauth2/userinfo',
        'POST /oauth2/userinfo',
        'GET /oauth2/jwks',
        'GET /oauth2/logout',
        'POST /oauth2/logout',
        'POST /oauth2/register',
        'GET /oauth2/register/{client_id}',
        'PUT /oauth2/register/{client_id}',
        'DELETE /oauth2/register/{client_id}',
        'GET /oauth2/.well-known/openid-configuration',
        'GET /.well-known/oauth-authorization-server/oauth2',
        'GET /.well-known/oauth-protected-resource/{path}',
        'GET /fhir/r4/.well-known/smart-configuration',
        'GET /fhir/r4/metadata',
        'POST /fhir/r4',
        'GET /fhir/r4/{type}',
        'POST /fhir/r4/{type}',
        'POST /fhir/r4/{type}/_search',
        'GET /fhir/r4/{type}/{id}',
        'PUT /fhir/r4/{type}/{id}',
        'DELETE /fhir/r4/{type}/{id}',
        'GET /fhir/r4/{type}/{id}/_history',
        'GET /fhir/r4/{type}/{id}/_history/{vid}',
        'GET /health/live',
        'GET /health/ready',
      ]),
    );
    for (const collection of [
      'users',
      'clients',
      'endpoints',
      'tls-configurations',
      'server-descriptions',
      'client-configurations',
    ]) {
      for (const method of ['GET', 'POST']) expect(names).toContain(`${method} /admin/api/v1/${collection}`);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const pattern = new RegExp(`^${method} /admin/api/v1/${collection}/\\{[^/]+\\}$`);
        expect(names.filter((name) => pattern.test(name))).toHaveLength(1);
      }
    }
    expect(names.filter((name) => name.includes('@'))).toEqual([]);
  });

  it('has every address that the metadata of the authorization server name', async () => {
    const document = await documentAt('/docs/openapi.json');
    const metadata = (await app.inject({ url: '/oauth2/.well-known/openid-configuration' })).json<
      Record<string, unknown>
    >();
    const addresses = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    expect(addresses.length).toBeGreaterThan(6);
    for (const [, address] of addresses) {
      expect(Object.keys(document.paths)).toContain(new URL(address as string).pathname);
    }
  });

  it('is without fault as a whole', async () => {
    expect(faultsOf(await documentAt('/docs/openapi.json'))).toEqual([]);
  });

  it('is without fault for every resource type', async () => {
    const { resourceTypes } = loadDefinitions();
    expect(resourceTypes).toHaveLength(146);
    for (const type of resourceTypes) {
      const document = await documentAt(`/docs/openapi/${type}.json`);
      expect([type, faultsOf(document)]).toEqual([type, []]);
      expect([...operationsOf(document).keys()]).toContain(`GET /fhir/r4/${type}`);
    }
  });

  it('has the search parameters of the type', async () => {
    const operation = operationsOf(await documentAt('/docs/openapi/Patient.json')).get(
      'GET /fhir/r4/Patient',
    );
    const names = operation?.parameters?.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['family', 'birthdate', 'general-practitioner', '_count']));
  });

  it('names the audience of each way to authorize', async () => {
    const { components } = await documentAt('/docs/openapi.json');
    expect(components?.securitySchemes).toMatchObject({
      fhir: {
        flows: {
          authorizationCode: {
            authorizationUrl: `https://fhir.example.org/oauth2/authorize?aud=${encodeURIComponent('https://fhir.example.org/fhir/r4')}`,
            tokenUrl: 'https://fhir.example.org/oauth2/token',
          },
        },
      },
      administration: {
        flows: {
          authorizationCode: {
            authorizationUrl: `https://fhir.example.org/oauth2/authorize?aud=${encodeURIComponent('https://fhir.example.org/admin/api/v1')}`,
          },
        },
      },
    });
  });

  it('answers 404 for what is no resource type', async () => {
    for (const name of ['Unicorn.json', '__proto__.json', 'constructor.json', 'Resource.json']) {
      expect((await app.inject({ url: `/docs/openapi/${name}` })).statusCode).toBe(404);
    }
  });
});
