import type { HttpAnswer } from '../../kit/http.js';
import { databases } from '../../kit/databases.js';
import { bearer, bearerPath, World } from './application.js';

const json = 'application/fhir+json';
const observation = (performer?: string) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  subject: { reference: 'Patient/a' },
  ...(performer === undefined ? {} : { performer: [{ reference: performer }] }),
});

/** Where references must lead somewhere, whether one does must not tell what is out of reach. */
describe.each(databases)('references out of reach, whose integrity is kept, on $name', ({ create }) => {
  let world: World;
  let loader: string;
  let narrow: string;

  beforeAll(async () => {
    world = await World.start(await create(), { logLevel: 'silent', referentialIntegrity: true });
    loader = await world.token({ clientId: 'loader' }, bearerPath);
    for (const resource of [
      { resourceType: 'Patient', id: 'a' },
      { resourceType: 'Patient', id: 'b' },
      { resourceType: 'Practitioner', id: 'x' },
      { ...observation('Practitioner/x'), id: 'held' },
      { ...{ resourceType: 'Condition', id: 'secret' }, subject: { reference: 'Patient/b' } },
      {
        ...{ resourceType: 'Basic', id: 'hidden', code: { text: 'x' } },
        author: { reference: 'Practitioner/x' },
        extension: [{ url: 'urn:about', valueReference: { reference: 'Observation/held' } }],
      },
    ]) {
      const answer = await send('PUT', `${resource.resourceType}/${resource.id}`, loader, resource);
      expect([answer.statusCode, answer.statusCode === 201 ? '' : answer.body]).toEqual([201, '']);
    }
    narrow = await world.token({ username: 'alice', scope: 'patient/*.cruds', patient: 'a' }, bearerPath);
  });
  afterAll(() => world.close());

  const send = (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    token: string,
    body?: object,
  ): Promise<HttpAnswer> =>
    world.call({
      ...{ method, url: url === '' ? bearerPath : `${bearerPath}/${url}` },
      headers: {
        ...bearer(token),
        ...(body === undefined
          ? {}
          : { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : json }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  const told = ({ statusCode, body }: HttpAnswer) => [
    statusCode,
    body
      .replace(/(Practitioner|Patient|Condition)\/[a-z]+/g, '$1/ID')
      .replace(/(R?r?eference|explain) [a-z2-9]{16}/g, '$1'),
  ];

  it.each([
    ['Practitioner', 'x', 422, 'FHIR_DANGLING_REFERENCE'],
    // A patient who is out of reach is not named, whether there is one.
    ['Patient', 'b', 403, 'FHIR_ACCESS_OUTSIDE'],
  ])('are refused as those to nothing: %s/%s', async (type, id, status, code) => {
    const there = await send('POST', 'Observation', narrow, observation(`${type}/${id}`));
    const absent = await send('POST', 'Observation', narrow, observation(`${type}/nobody`));
    expect(there.statusCode).toBe(status);
    expect(there.body).toContain(code);
    expect(told(there)).toEqual(told(absent));
  });

  it('are refused in patches, batches and transactions as well', async () => {
    const patch = (id: string) => [
      { op: 'add', path: '/basedOn', value: [{ reference: `CarePlan/${id}` }] },
      { op: 'add', path: '/focus', value: [{ reference: `Condition/${id}` }] },
    ];
    const own = await send('POST', 'Observation', narrow, observation());
    expect(own.statusCode).toBe(201);
    const { id } = own.json<{ id: string }>();
    const answers = [];
    for (const target of ['secret', 'nobody']) {
      answers.push(told(await send('PATCH', `Observation/${id}`, narrow, patch(target).slice(1))));
      for (const type of ['batch', 'transaction']) {
        const entry = [
          {
            resource: { ...observation(), focus: [{ reference: `Condition/${target}` }] },
            request: { method: 'POST', url: 'Observation' },
          },
        ];
        answers.push(told(await send('POST', '', narrow, { resourceType: 'Bundle', type, entry })));
      }
    }
    expect(answers.slice(0, 3)).toEqual(answers.slice(3));
    expect(JSON.stringify(answers).match(/FHIR_DANGLING_REFERENCE/g)).toHaveLength(6);
  });

  it('stay where they are, and go where they can be known to lead', async () => {
    const kept = await send('PUT', 'Observation/held', narrow, {
      ...{ ...observation('Practitioner/x'), id: 'held', status: 'amended' },
    });
    expect([kept.statusCode, kept.statusCode === 200 ? '' : kept.body]).toEqual([200, '']);
    expect((await send('POST', 'Observation', narrow, observation('Patient/a'))).statusCode).toBe(201);
    const wider = await world.token(
      { username: 'alice', scope: 'patient/*.cruds user/Practitioner.r', patient: 'a' },
      bearerPath,
    );
    const answer = await send('POST', 'Observation', wider, observation('Practitioner/x'));
    expect([answer.statusCode, answer.statusCode === 201 ? '' : answer.body]).toEqual([201, '']);
    const urn = 'urn:uuid:00000000-0000-4000-8000-000000000001';
    const together = await send('POST', '', narrow, {
      ...{ resourceType: 'Bundle', type: 'transaction' },
      entry: [
        {
          fullUrl: urn,
          resource: {
            ...{ resourceType: 'Encounter', status: 'planned', subject: { reference: 'Patient/a' } },
            class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
          },
          request: { method: 'POST', url: 'Encounter' },
        },
        {
          resource: { ...observation(), encounter: { reference: urn } },
          request: { method: 'POST', url: 'Observation' },
        },
      ],
    });
    expect([together.statusCode, together.statusCode === 200 ? '' : together.body]).toEqual([200, '']);
  });

  it('are not named where they keep something from being deleted', async () => {
    const own = await send('DELETE', 'Observation/held', narrow);
    expect([own.statusCode, own.body]).toEqual([409, expect.stringContaining('deleted: others refer to it')]);
    expect(own.body).not.toContain('Basic');
    const all = await send('DELETE', 'Observation/held', loader);
    expect([all.statusCode, all.body]).toEqual([409, expect.stringContaining('Basic/hidden')]);
  });
});
