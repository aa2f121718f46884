import { databases } from '../../kit/databases.js';
import { bearerPath } from './application.js';
import { bundleOf, entryStatuses, fhirPathPatch, nora, of, WritingWorld } from './writing-world.js';

const observation = (subject: object, more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'Weight' }, subject },
  ...more,
});
const patient = { resourceType: 'Patient' };
const allergy = (more: object) => ({
  resourceType: 'AllergyIntolerance',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
  },
  ...more,
});
const condition = (subject: object, more: object = {}) => ({ resourceType: 'Condition', subject, ...more });

/** docs/access.md, which patients a write may name. */
describe.each(databases)('what is written by a right that reaches patient 1, on $name', ({ create }) => {
  let world: WritingWorld;
  /** By each of the rights that are about some patients. */
  const rights: Record<string, string> = {};
  let app: string;

  beforeAll(async () => {
    world = await WritingWorld.start(await create());
    await world.store({
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      member: [{ entity: of('2') }],
    });
    await world.store({ ...observation(of('1')), id: 'of-1' });
    await world.store({ ...observation(of('2'), { performer: [of('1')] }), id: 'of-2' });
    await world.store({ ...observation(of('1'), { performer: [of('2')] }), id: 'by-2' });
    await world.store({
      resourceType: 'CareTeam',
      id: 't',
      subject: of('1'),
      participant: [{ member: nora }],
    });
    app = await world.ofPatient1();
    rights['a patient/ scope'] = app;
    rights['the role patient'] = await world.asPatient1();
    rights['a rule with a compartment'] = await world.withRules(
      [{ types: ['*'], interactions: 'cruds', compartment: 'Patient' }],
      'Patient/1',
    );
    rights['a rule with ownPatients'] = await world.withRules([
      { types: ['*'], interactions: 'cruds', ownPatients: ['careteam', 'encounter'] },
    ]);
  });
  afterAll(() => world.close());

  const names = [
    'a patient/ scope',
    'the role patient',
    'a rule with a compartment',
    'a rule with ownPatients',
  ];

  it.each(names)('is about patient 1 and may name who is no patient: by %s', async (name) => {
    const performers: readonly { readonly reference?: string; readonly [name: string]: unknown }[] = [
      { reference: 'Practitioner/x' },
      { reference: 'https://other.example.org/fhir/Practitioner/9' },
      { type: 'Practitioner', identifier: { system: 'urn:npi', value: '1' } },
      { display: 'somebody' },
      { reference: '#doctor' },
      of('1'),
      { reference: `${world.world.base(bearerPath)}/Patient/1/_history/1` },
    ];
    for (const performer of performers) {
      const { statusCode, body } = await world.as(rights[name]!, {
        ...{ method: 'POST', url: 'Observation' },
        body: observation(of('1'), {
          performer: [performer],
          ...(performer.reference === '#doctor'
            ? { contained: [{ resourceType: 'Practitioner', id: 'doctor' }] }
            : {}),
        }),
      });
      expect([performer, statusCode, body]).toEqual([performer, 201, expect.any(String)]);
    }
  });

  const elsewhere: readonly (readonly [string, object])[] = [
    ['the recorder of an allergy of patient 2', allergy({ patient: of('2'), recorder: of('1') })],
    ['the asserter of an allergy of patient 2', allergy({ patient: of('2'), asserter: of('1') })],
    [
      'an allergy of a text, recorded by patient 1',
      allergy({ patient: { display: 'Ann' }, recorder: of('1') }),
    ],
    ['the asserter of a condition of patient 2', condition(of('2'), { asserter: of('1') })],
    ['the asserter of a condition of a Group', condition({ reference: 'Group/g' }, { asserter: of('1') })],
    ['a performer who is patient 2', observation(of('1'), { performer: [of('2')] })],
    [
      'a performer, with a version',
      observation(of('1'), { performer: [{ reference: 'Patient/2/_history/1' }] }),
    ],
    [
      'a performer, by the address of this endpoint',
      observation(of('1'), { performer: [{ reference: `{base}/Patient/2` }] }),
    ],
    [
      'a performer who is a patient of another server',
      observation(of('1'), { performer: [{ reference: 'https://other.example.org/fhir/Patient/9' }] }),
    ],
    [
      'a performer by an identifier that doesn’t say of what',
      observation(of('1'), { performer: [{ identifier: { system: 'urn:mrn', value: '2' } }] }),
    ],
    [
      'a performer by the identifier of a Patient',
      observation(of('1'), { performer: [{ type: 'Patient', identifier: { value: '2' } }] }),
    ],
    ['a performer by criteria', observation(of('1'), { performer: [{ reference: 'Patient?identifier=2' }] })],
    [
      'a performer by a urn',
      observation(of('1'), { performer: [{ reference: 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a' }] }),
    ],
    [
      'a performer who is a contained Patient',
      observation(of('1'), { performer: [{ reference: '#p' }], contained: [{ ...patient, id: 'p' }] }),
    ],
    [
      'a subject who is a contained Patient',
      observation({ reference: '#p' }, { performer: [of('1')], contained: [{ ...patient, id: 'p' }] }),
    ],
    [
      'a contained resource of patient 2',
      observation(of('1'), {
        hasMember: [{ reference: '#o' }],
        contained: [{ ...observation(of('2')), id: 'o' }],
      }),
    ],
    ['a subject by an identifier', observation({ identifier: { value: '2' } }, { performer: [of('1')] })],
    ['a Device as the subject', observation({ reference: 'Device/d' }, { performer: [of('1')] })],
    ['another focus', observation(of('1'), { focus: [of('2')] })],
    ['an extension', observation(of('1'), { extension: [{ url: 'urn:x', valueReference: of('2') }] })],
    ['a Patient that links to patient 1', { ...patient, link: [{ other: of('1'), type: 'seealso' }] }],
    ['a new Patient', patient],
    ['a RelatedPerson of patient 2', { resourceType: 'RelatedPerson', patient: of('2') }],
    ['a Person who is both', { resourceType: 'Person', link: [{ target: of('1') }, { target: of('2') }] }],
    [
      'a FamilyMemberHistory of patient 2',
      {
        resourceType: 'FamilyMemberHistory',
        status: 'completed',
        patient: of('2'),
        relationship: { text: 'x' },
      },
    ],
    [
      'a Group of both',
      {
        resourceType: 'Group',
        type: 'person',
        actual: true,
        member: [{ entity: of('1') }, { entity: of('2') }],
      },
    ],
    [
      'an Appointment of both',
      {
        ...{ resourceType: 'Appointment', status: 'proposed' },
        participant: ['1', '2'].map((id) => ({ actor: of(id), status: 'accepted' })),
      },
    ],
    ['an Account of both', { resourceType: 'Account', status: 'active', subject: [of('1'), of('2')] }],
  ];

  describe.each(elsewhere)('and names another by %s', (_name, template) => {
    it.each(names)('is refused: by %s', async (name) => {
      const body = JSON.parse(JSON.stringify(template).replace('{base}', world.world.base(bearerPath))) as {
        resourceType: string;
      };
      const { resourceType } = body;
      const token = rights[name]!;
      const before = await world.total(`${resourceType}?`);
      const entry = (request: object) => ({ resource: body, request });
      const post = { method: 'POST', url: resourceType };
      const statuses = [
        await world.as(token, { method: 'POST', url: resourceType, body }),
        await world.as(token, {
          ...{ method: 'POST', url: resourceType, body },
          headers: { 'if-none-exist': '_id=none' },
        }),
        await world.as(token, { method: 'PUT', url: `${resourceType}?_id=none`, body }),
        await world.as(token, bundleOf('transaction', [entry(post)])),
        await world.as(
          token,
          bundleOf('transaction', [entry({ method: 'PUT', url: `${resourceType}?_id=none` })]),
        ),
      ].map(({ statusCode }) => statusCode);
      // A conditional update that creates gives an id, which tells which ones are taken: who sees a part posts. Conditional
      // references are resolved in a transaction: there one that matches nothing is an error of its own.
      for (const status of statuses) expect([403, 404, 412, 422]).toContain(status);
      expect(statuses[0]).toBe(403);
      expect(entryStatuses(await world.as(token, bundleOf('batch', [entry(post)])))).toEqual([403]);
      expect(await world.total(`${resourceType}?`)).toBe(before);
    });
  });

  describe.each(names)('and changes what is stored, by %s', (name) => {
    const moved = observation(of('2'), { performer: [of('1')] });

    it('is refused where it would name another afterwards', async () => {
      const token = rights[name]!;
      const url = 'Observation/of-1';
      const reference = { valueReference: of('2') };
      const xml =
        '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part>' +
        '<part><name value="path"/><valueString value="Observation.subject"/></part>' +
        '<part><name value="value"/><valueReference><reference value="Patient/2"/></valueReference></part></parameter></Parameters>';
      const answers = [
        await world.as(token, { method: 'PUT', url, body: { ...moved, id: 'of-1' } }),
        await world.as(token, { method: 'PUT', url: 'Observation?_id=of-1', body: moved }),
        await world.as(token, {
          method: 'PATCH',
          url,
          body: [{ op: 'add', path: '/performer', value: [of('2')] }],
        }),
        await world.as(token, {
          method: 'PATCH',
          url: 'Observation?_id=of-1',
          body: [{ op: 'replace', path: '/subject', value: of('2') }],
        }),
        await world.as(token, {
          method: 'PATCH',
          url,
          body: fhirPathPatch('Observation.subject', reference),
        }),
        await world.world.call({
          ...{ method: 'PATCH', url: `${bearerPath}/${url}`, payload: xml },
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+xml' },
        }),
        await world.as(
          token,
          bundleOf('transaction', [{ resource: { ...moved, id: 'of-1' }, request: { method: 'PUT', url } }]),
        ),
      ];
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 403));
      expect(await world.stored(url)).toMatchObject({ subject: of('1'), meta: { versionId: '1' } });
    });

    it('is refused where it names another before, though it is seen', async () => {
      const token = rights[name]!;
      for (const id of ['of-2', 'by-2']) {
        const url = `Observation/${id}`;
        expect((await world.as(token, { method: 'GET', url })).statusCode).toBe(200);
        const own = { ...observation(of('1')), id };
        const meta = {
          resourceType: 'Parameters',
          parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }],
        };
        const answers = [
          await world.as(token, { method: 'PUT', url, body: own }),
          await world.as(token, { method: 'PUT', url: `Observation?_id=${id}`, body: own }),
          await world.as(token, { method: 'PATCH', url, body: [{ op: 'remove', path: '/performer' }] }),
          await world.as(token, {
            method: 'PATCH',
            url,
            body: [{ op: 'test', path: '/status', value: 'x' }],
          }),
          await world.as(token, { method: 'DELETE', url }),
          await world.as(token, { method: 'DELETE', url: `Observation?_id=${id}` }),
          await world.as(token, { method: 'POST', url: `${url}/$meta-add`, body: meta }),
          await world.as(token, { method: 'POST', url: `${url}/$meta-delete`, body: meta }),
        ];
        expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 403));
        expect(await world.stored(url)).toMatchObject({ meta: { versionId: '1' } });
      }
    });
  });

  it('is refused for a link of the own Patient, and for another id of one', async () => {
    const link = [{ other: of('2'), type: 'seealso' }];
    const body = { ...patient, id: '1', gender: 'female' };
    for (const token of Object.values(rights)) {
      expect(
        (await world.as(token, { method: 'PUT', url: 'Patient/1', body: { ...body, link } })).statusCode,
      ).toBe(403);
      expect(
        (await world.as(token, { method: 'PUT', url: 'Patient/1', body: { ...body, birthDate: '2000' } }))
          .statusCode,
      ).toBe(200);
    }
    expect(await world.stored('Patient/1')).not.toHaveProperty('link');
  });

  it('names by the entries of a transaction whom it names by an id', async () => {
    const urn = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0b';
    const entries = (subject: string, other: object, request: object) => [
      { fullUrl: urn, resource: other, request },
      {
        resource: observation({ reference: subject }, { performer: [of('1')] }),
        request: { method: 'POST', url: 'Observation' },
      },
    ];
    const answers = [
      await world.as(app, bundleOf('transaction', entries(urn, patient, { method: 'POST', url: 'Patient' }))),
      await world.as(
        app,
        bundleOf(
          'transaction',
          entries(urn, patient, { method: 'POST', url: 'Patient', ifNoneExist: '_id=2' }),
        ),
      ),
      await world.as(
        app,
        bundleOf(
          'transaction',
          entries('Patient?_id=2', observation(of('1')), { method: 'POST', url: 'Observation' }),
        ),
      ),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 422]);
    const own = entries('Patient?_id=1', observation(of('1')), { method: 'POST', url: 'Observation' });
    expect((await world.as(app, bundleOf('transaction', own))).statusCode).toBe(200);
  });

  it('may name others by a rule that says so, and is about patient 1 all the same', async () => {
    const token = await world.withRules(
      [{ types: ['*'], interactions: 'cruds', compartment: 'Patient', namesOthers: true }],
      'Patient/1',
    );
    const post = (body: { resourceType: string }) =>
      world.as(token, { method: 'POST', url: body.resourceType, body }).then(({ statusCode }) => statusCode);
    expect(await post(observation(of('1'), { performer: [of('2')] }))).toBe(201);
    expect(await post(observation(of('2'), { performer: [of('1')] }))).toBe(403);
    const scoped = await world.withRules(
      [{ types: ['*'], interactions: 'cruds', compartment: 'Patient', namesOthers: true }],
      'Patient/1',
      'user/Patient.rs patient/Observation.c',
    );
    const body = observation(of('1'), { performer: [of('2')] });
    expect((await world.as(scoped, { method: 'POST', url: 'Observation', body })).statusCode).toBe(403);
  });

  it('may name any patient where the rule is about a Practitioner', async () => {
    const token = await world.withRules([
      { types: ['*'], interactions: 'cruds', compartment: 'Practitioner' },
    ]);
    const body = observation(of('2'), { performer: [nora] });
    expect((await world.as(token, { method: 'POST', url: 'Observation', body })).statusCode).toBe(201);
    const other = observation(of('2'), { performer: [{ reference: 'Practitioner/x' }] });
    expect((await world.as(token, { method: 'POST', url: 'Observation', body: other })).statusCode).toBe(403);
  });
});
