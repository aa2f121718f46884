import { Module } from '@nestjs/common';
import { genericFhirPaths } from '../../../../src/documentation/fhir/fhir-openapi.js';
import { EndpointRegistry } from '../../../../src/endpoints/index.js';
import {
  AccessReview,
  FhirExtensionModule,
  FhirOperations,
  RepositoryDefinitions,
} from '../../../../src/fhir/index.js';
import { sqlite } from '../../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../../kit/fhir-application.js';
import { PingOperation } from './ping.operation.js';

@Module({ imports: [FhirExtensionModule] })
class PingModule {
  constructor(operations: FhirOperations) {
    operations.add(new PingOperation());
  }
}

const pong = { resourceType: 'Parameters', parameter: [{ name: 'return', valueString: 'pong' }] };

/** The operation is a folder, and the line that adds it; all of this follows. */
describe('an operation that is added by one line', () => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(sqlite, {}, [PingModule]);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => fhir.access.denied.clear());

  const get = async (path: string) => {
    const answer = await fhir.app.inject({ url: `/fhir/r4${path}` });
    return { status: answer.statusCode, body: answer.json() };
  };
  const service = <T>(type: abstract new (...parts: never[]) => T): T =>
    fhir.app.get<T>(type, { strict: false });

  it('has its route, and takes its parameters', async () => {
    expect(await get('/$ping?to=you')).toEqual({ status: 200, body: pong });
    expect((await get('/$ping?from=me')).status).toBe(400);
    expect((await get('/Patient/$ping')).status).toBe(404);
  });

  it('is an entry of batches and transactions', async () => {
    for (const type of ['batch', 'transaction']) {
      const answer = await fhir.app.inject({
        method: 'POST',
        url: '/fhir/r4',
        headers: { 'content-type': 'application/fhir+json' },
        payload: { resourceType: 'Bundle', type, entry: [{ request: { method: 'GET', url: '$ping' } }] },
      });
      expect(answer.json().entry).toMatchObject([{ resource: pong, response: { status: '200 OK' } }]);
    }
  });

  it('is authorised', async () => {
    fhir.access.denied.add('search-system *');
    expect((await get('/$ping')).status).toBe(403);
  });

  it('is in the CapabilityStatement', async () => {
    const { body } = await get('/metadata');
    expect(body.rest[0].operation).toContainEqual(
      expect.objectContaining({ name: 'ping', definition: 'urn:example:OperationDefinition/ping' }),
    );
  });

  it('is in the OpenAPI document', () => {
    const paths = genericFhirPaths({
      base: '/fhir/r4',
      definitions: service(RepositoryDefinitions).of('default'),
      textIndex: 'all',
      operations: service(FhirOperations).all(),
    });
    expect(Object.keys(paths['/fhir/r4/$ping'] ?? {}).sort()).toEqual(['get', 'post']);
  });

  it('is in the simulator', () => {
    const review = service(AccessReview);
    const endpoint = service(EndpointRegistry).defaultEndpoint();
    const request = review.parse({ method: 'GET', url: '$ping' }, 'default');
    expect(request).toMatchObject({ operation: '$ping' });
    if (endpoint === undefined) throw new Error('There is no endpoint.');
    expect(review.refusal(request, fhir.access.principal, endpoint)).toBeUndefined();
    fhir.access.denied.add('search-system *');
    expect(review.refusal(request, fhir.access.principal, endpoint)).toMatchObject({ status: 403 });
  });
});
