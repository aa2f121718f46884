import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const json = 'application/fhir+json';

/** An active SearchParameter, valid unless changed. */
function definition(code: string, base: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    resourceType: 'SearchParameter',
    url: `http://example.org/SearchParameter/${base}-${code}`,
    name: 'Defined',
    status: 'active',
    description: 'Of a repository.',
    code,
    base: [base],
    type: 'string',
    expression: `${base}.extension('http://example.org/${code}').value.ofType(string)`,
    ...more,
  };
}

const valued = (type: string, code: string, valueString: string): object => ({
  resourceType: type,
  extension: [{ url: `http://example.org/${code}`, valueString }],
});

describe.each(databases)('search parameters of a repository on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());

  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
    headers = {},
  ) => {
    const answer = await fhir.app.inject({
      method,
      url: `/fhir/r4${path}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  const found = async (query: string): Promise<string[]> => {
    const { status, body } = await ask('GET', query, undefined, { prefer: 'handling=strict' });
    expect([status, body]).toEqual([200, expect.anything()]);
    return (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id).sort();
  };
  const issues = (body: { issue: { expression?: string[]; details: { coding: { code: string }[] } }[] }) =>
    body.issue.map(({ expression, details }) => [details.coding[0]?.code, expression?.[0]]);
  const listed = async (type: string): Promise<string[]> => {
    const { body } = await ask('GET', '/metadata');
    const resource = body.rest[0].resource.find((one: { type: string }) => one.type === type);
    return resource.searchParam.map(({ name }: { name: string }) => name);
  };

  it('index from the moment of their definition on', async () => {
    expect(await listed('Account')).not.toContain('shelf');
    expect((await ask('POST', '/SearchParameter', definition('shelf', 'Account'))).status).toBe(201);
    const account = { ...valued('Account', 'shelf', 'North'), status: 'active' };
    expect((await ask('PUT', '/Account/a', { ...account, id: 'a' })).status).toBe(201);
    expect(await found('/Account?shelf=nor')).toEqual(['a']);
    expect(await found('/Account?shelf:exact=north')).toEqual([]);
    expect(await listed('Account')).toContain('shelf');
    expect(await listed('Patient')).not.toContain('shelf');
  });

  it('know resources of the transaction that defines them', async () => {
    const entry = (resource: object, url: string) => ({ resource, request: { method: 'PUT', url } });
    const parameter = { ...definition('rack', 'Location'), id: 'rack' };
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry(parameter, 'SearchParameter/rack'),
        entry({ ...valued('Location', 'rack', 'B7'), id: 'l' }, 'Location/l'),
      ],
    };
    expect((await ask('POST', '', bundle)).status).toBe(200);
    // The location came together with its parameter: whether it has values is for the re-index to see to.
    const refused = await ask('GET', '/Location?rack=b7');
    expect([refused.status, issues(refused.body)]).toEqual([
      400,
      [['FHIR_SEARCH_INCOMPLETE_INDEX', undefined]],
    ]);
  });

  it('are refused while older resources have no values of them', async () => {
    await ask('PUT', '/Device/old', { ...valued('Device', 'tray', 'one'), id: 'old' });
    expect((await ask('POST', '/SearchParameter', definition('tray', 'Device'))).status).toBe(201);
    for (const query of ['tray=one', '_sort=tray']) {
      expect(issues((await ask('GET', `/Device?${query}`)).body)).toEqual([
        ['FHIR_SEARCH_INCOMPLETE_INDEX', undefined],
      ]);
    }
    const conditional = await ask('POST', '/Device', valued('Device', 'tray', 'two'), {
      'if-none-exist': 'tray=two',
    });
    expect(conditional.status).toBe(400);
  });

  it('end with their definition, be it retired or deleted', async () => {
    const { body } = await ask('POST', '/SearchParameter', definition('bin', 'Group'));
    await ask('PUT', '/Group/g', {
      ...valued('Group', 'bin', 'red'),
      id: 'g',
      type: 'person',
      actual: true,
    });
    expect(await found('/Group?bin=red')).toEqual(['g']);
    expect((await ask('PUT', `/SearchParameter/${body.id}`, { ...body, status: 'retired' })).status).toBe(
      200,
    );
    const unknown = await ask('GET', '/Group?bin=red', undefined, { prefer: 'handling=strict' });
    expect(issues(unknown.body)[0]?.[0]).toBe('FHIR_SEARCH_UNKNOWN_PARAMETER');
    expect((await ask('PUT', `/SearchParameter/${body.id}`, body)).status).toBe(200);
    expect((await ask('DELETE', `/SearchParameter/${body.id}`)).status).toBe(204);
    expect((await ask('GET', '/Group?bin=red', undefined, { prefer: 'handling=strict' })).status).toBe(400);
  });

  it('are stored without effect as long as they are drafts, whatever they say', async () => {
    const draft = definition('name', 'Patient', { status: 'draft', expression: 'nonsense(' });
    expect((await ask('POST', '/SearchParameter', draft)).status).toBe(201);
  });

  it('may repeat what FHIR R4 has, under another url', async () => {
    const again = definition('birthdate', 'Patient', { type: 'date', expression: 'Patient.birthDate' });
    expect((await ask('POST', '/SearchParameter', again)).status).toBe(201);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a code of FHIR R4 with another meaning', { code: 'name' }, 'SearchParameter.code'],
    ['a code that no search can name', { code: 'a b' }, 'SearchParameter.code'],
    ['a type that needs a program', { type: 'special' }, 'SearchParameter.type'],
    ['an expression that is none', { expression: 'Patient.name..x' }, 'SearchParameter.expression'],
    ['an expression of another type', { type: 'date' }, 'SearchParameter.expression'],
    ['an expression that leads nowhere', { expression: 'Patient.nickname' }, 'SearchParameter.expression'],
    [
      'an expression that is not covered',
      { expression: 'Patient.name.tail()' },
      'SearchParameter.expression',
    ],
    [
      'an expression that leads everywhere',
      { expression: `Patient${'.extension.value'.repeat(5)}` },
      'SearchParameter.expression',
    ],
    ['no expression', { expression: undefined }, 'SearchParameter.expression'],
    ['another match', { xpathUsage: 'phonetic' }, 'SearchParameter.xpathUsage'],
    [
      'a composite of one',
      { type: 'composite', component: [{ definition: 'http://example.org/x', expression: 'value' }] },
      'SearchParameter.component',
    ],
    [
      'components that are unknown',
      {
        type: 'composite',
        expression: 'Patient.contact',
        component: [
          { definition: 'http://hl7.org/fhir/SearchParameter/individual-gender', expression: 'gender' },
          { definition: 'http://example.org/x', expression: 'name.family' },
        ],
      },
      'SearchParameter.component[1].definition',
    ],
  ])('are refused for %s', async (_what, more, place) => {
    const { status, body } = await ask('POST', '/SearchParameter', definition('wrong', 'Patient', more));
    expect([status, issues(body)]).toEqual([422, [['FHIR_SEARCH_PARAMETER_INVALID', place]]]);
  });

  it('are refused with their place in a transaction, and nothing of it is stored', async () => {
    const entry = (resource: object) => ({ resource, request: { method: 'POST', url: 'SearchParameter' } });
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [entry(definition('fine', 'Patient')), entry(definition('wrong', 'Patient', { type: 'date' }))],
    };
    const { status, body } = await ask('POST', '', bundle);
    expect([status, issues(body)]).toEqual([
      422,
      [['FHIR_SEARCH_PARAMETER_INVALID', 'Bundle.entry[1].resource.expression']],
    ]);
    expect(await listed('Patient')).not.toContain('fine');
  });

  it('have one definition a type, whoever comes at the same time', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((n) =>
        ask('POST', '/SearchParameter', definition('unique', 'Basic', { url: `http://example.org/${n}` })),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422, 422]);
  });

  it('pair components of one element', async () => {
    const contact = definition('contact-gender-family', 'Patient', {
      type: 'composite',
      expression: 'Patient.contact',
      component: [
        { definition: 'http://hl7.org/fhir/SearchParameter/individual-gender', expression: 'gender' },
        { definition: 'http://hl7.org/fhir/SearchParameter/individual-family', expression: 'name.family' },
      ],
    });
    expect((await ask('POST', '/SearchParameter', contact)).status).toBe(201);
  });
});
