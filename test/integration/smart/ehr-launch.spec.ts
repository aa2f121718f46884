import { Database } from '../../../src/platform/database/index.js';
import { UsersService } from '../../../src/users/index.js';
import { databases } from '../../kit/databases.js';
import { Management } from '../../kit/management.js';
import { passwords, type Username } from '../access/application.js';
import { auditorPassword, eventsOf, type AuditEvent } from '../audit/audit-events.js';
import { Clinic } from './clinic.js';
import type { Shown, Visitor } from './visitor.js';
import { eventually } from '../../kit/until.js';

interface Launch {
  readonly id: string;
  readonly launch: string;
  readonly iss: string;
  readonly expiresAt: number;
}

const scope = 'openid fhirUser launch offline_access patient/*.rs';

describe.each(databases)('a launch from an EHR on $name', (database) => {
  let clinic: Clinic;
  let management: Management;

  beforeAll(async () => {
    clinic = await Clinic.open(await database.create());
    management = new Management(clinic.world.url, 'root', passwords.root);
  });

  afterAll(() => clinic.close());

  const make = (more: object = {}): Promise<Launch> =>
    management.call<Launch>('POST', 'launches', {
      username: 'alice',
      clientId: 'smart-app',
      patient: 'anna',
      ...more,
    });
  const allowed = async (visitor: Visitor, page: Shown) =>
    visitor.tokens(await visitor.submit(page, { decision: 'allow' }));
  const refusal = async (
    parameters: Readonly<Record<string, string>>,
    username: Username = 'alice',
    visitor = clinic.visitor(),
  ): Promise<string> => {
    const { page } = await clinic.begin({ scope, ...parameters }, username, visitor);
    expect(page.status).toBe(403);
    expect(page.body).toContain('This launch can’t go on');
    const back = await visitor.submit(page, { decision: 'cancel' });
    expect(back.returned?.searchParams.get('error')).toBe('access_denied');
    return /<p role="alert">([^<]*)<\/p>/.exec(page.body)?.[1] ?? '';
  };

  it('brings the whole context along, without asking for it', async () => {
    const context = {
      fhirContext: [
        { reference: 'ImagingStudy/17' },
        { canonical: 'https://example.org/Questionnaire/q|1', type: 'Questionnaire' },
        { reference: 'Patient/bruno', role: 'https://example.org/roles/donor' },
      ],
      intent: 'reconcile-medications',
      tenant: 'ward-3',
    };
    const { launch, iss, ...rest } = await make({
      ...{ ...context, encounter: 'visit-of-anna', needPatientBanner: false },
      smartStyleUrl: 'https://ehr.example.org/style.json',
    });
    expect(iss).toBe(`${clinic.world.url}/fhir/r4`);
    expect(JSON.stringify(rest)).not.toContain(launch);
    const { visitor, page } = await clinic.begin({ scope, launch, aud: iss });
    expect(page.body).toMatch(/<dt>Patient<\/dt><dd>Anna Maria Keller<\/dd>/);
    const tokens = await allowed(visitor, page);
    const expected = {
      ...{ ...context, patient: 'anna', encounter: 'visit-of-anna' },
      need_patient_banner: false,
      smart_style_url: 'https://ehr.example.org/style.json',
    };
    expect(tokens).toMatchObject(expected);
    expect(await clinic.read(tokens.access_token, 'Observation')).toMatchObject({ ids: ['weight-of-anna'] });
    const refreshed = await visitor.token({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
    });
    expect(await refreshed.json()).toMatchObject(expected);
  });

  it('takes a handle in a pushed request, once too', async () => {
    const { launch } = await make();
    const visitor = clinic.visitor();
    const login = await visitor.authorizeByReference({ scope, launch });
    const page = await visitor.signIn(login, 'alice', passwords.alice);
    expect(await allowed(visitor, page)).toMatchObject({ patient: 'anna' });
    expect((await visitor.authorizeByReference({ scope, launch })).body).toContain('used before');
    const picker = await visitor.authorizeByReference({ scope: 'launch/patient patient/*.rs' });
    const consent = await visitor.submit(picker, { patient: 'bruno' });
    expect(await allowed(visitor, consent)).toMatchObject({ patient: 'bruno' });
  });

  it('asks for what the launch left open', async () => {
    const { launch } = await make({ patient: undefined, intent: 'x' });
    const { visitor, page } = await clinic.begin({ scope: `${scope} launch/patient`, launch });
    expect(page.body).toContain('Choose a patient');
    const consent = await visitor.submit(page, { patient: 'bruno' });
    expect(await allowed(visitor, consent)).toMatchObject({ patient: 'bruno', intent: 'x' });
  });

  it('needs the scope launch', async () => {
    const { launch } = await make();
    const { page } = await clinic.begin({ scope: 'patient/*.rs', launch });
    expect(page.returned?.searchParams.get('error')).toBe('invalid_scope');
    expect(page.returned?.searchParams.get('error_description')).toContain('scope launch');
    const { visitor, page: again } = await clinic.begin({ scope, launch });
    expect(await allowed(visitor, again)).toMatchObject({ patient: 'anna' });
  });

  it('grants the scope launch to nobody who was not launched', async () => {
    const { visitor, page } = await clinic.begin({ scope: 'openid launch user/*.rs' });
    expect((await allowed(visitor, page)).scope.split(' ')).toEqual(['openid', 'user/*.rs']);
  });

  it('works once', async () => {
    const { launch } = await make();
    const visitor = clinic.visitor();
    const { page } = await clinic.begin({ scope, launch }, 'alice', visitor);
    expect(page.body).toContain('value="allow"');
    expect(await refusal({ launch }, 'alice', visitor)).toContain('used before');
    expect(await refusal({ launch })).toContain('used before');
    expect(await allowed(visitor, page)).toMatchObject({ patient: 'anna' });
  });

  it('lets one of many parallel uses win', async () => {
    const { launch } = await make();
    const visitors = Array.from({ length: 8 }, () => clinic.visitor());
    const logins = await Promise.all(visitors.map((visitor) => visitor.authorize({ scope, launch })));
    // Signed in one after the other, each at the launch of another request.
    const ready: Visitor[] = [];
    for (const [index, visitor] of visitors.entries()) {
      const { launch: own } = await make();
      const page = await visitor.authorize({ scope, launch: own });
      await visitor.signIn(page, 'alice', passwords.alice);
      ready.push(visitor);
      expect(logins[index]?.body).toContain('name="password"');
    }
    const pages = await Promise.all(ready.map((visitor) => visitor.authorize({ scope, launch })));
    expect(pages.filter(({ body }) => body.includes('value="allow"'))).toHaveLength(1);
    expect(pages.filter(({ body }) => body.includes('used before'))).toHaveLength(7);
  });

  it('is for its user, its app and its endpoint, and is not used up by others', async () => {
    const { launch } = await make();
    const { page: asBob } = await clinic.begin({ scope, launch }, 'bob');
    expect(asBob.body).toContain('<a href="/oauth2/logout">Sign out here</a>');
    expect(await refusal({ launch }, 'bob')).toContain('another person');
    expect(await refusal({ launch }, 'alice', clinic.visitor('other-app'))).toContain('another application');
    const aud = `${clinic.world.url}/csp/healthshare/fhirserver/fhir/r4`;
    expect(await refusal({ launch, aud })).toContain('other records');
    const { visitor, page } = await clinic.begin({ scope, launch });
    expect(await allowed(visitor, page)).toMatchObject({ patient: 'anna' });
    expect(await refusal({ launch }, 'bob')).toContain('another person');
  });

  it('ends with its time, when it is withdrawn, and was never there where it is guessed', async () => {
    const short = await make({ ttl: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await refusal({ launch: short.launch })).toContain('has expired');
    const withdrawn = await make();
    await management.call('DELETE', `launches/${withdrawn.id}`);
    expect(await refusal({ launch: withdrawn.launch })).toContain('not known');
    expect((await management.request('DELETE', `launches/${withdrawn.id}`)).status).toBe(404);
    for (const launch of ['x', withdrawn.id, "' OR 1=1 --", 'a'.repeat(2_000)]) {
      expect(await refusal({ launch })).toContain('not known');
    }
  });

  it('gives nobody a patient or an encounter that they may not see', async () => {
    const own = await make({ username: 'dora', patient: 'anna' });
    expect(await refusal({ launch: own.launch }, 'dora')).toContain('not among those that you may see');
    const missing = await make({ patient: 'gone' });
    expect(await refusal({ launch: missing.launch })).toContain('not among those that you may see');
    const foreign = await make({ encounter: 'visit-of-bruno' });
    expect(await refusal({ launch: foreign.launch })).toContain('not one of the patient');
    const { launch } = await make({ username: 'dora', patient: 'dora' });
    const { visitor, page } = await clinic.begin({ scope, launch }, 'dora');
    expect(await allowed(visitor, page)).toMatchObject({ patient: 'dora' });
  });

  it('keeps what was opened for one user from the next one at the same browser', async () => {
    const { launch } = await make();
    const { visitor, page } = await clinic.begin({ scope, launch });
    expect(page.body).toContain('value="allow"');
    const second = await visitor.authorize({ scope: 'launch/patient patient/*.rs', prompt: 'login' });
    const change = await visitor.signIn(second, 'bob', passwords.bob);
    const picker = await visitor.submit(change, {});
    expect(picker.body).toContain('Choose a patient');
    expect((await visitor.submit(page, { decision: 'allow' })).returned).toBeUndefined();
  });

  it('is recorded: who made it, for which patient it was approved, and who tried another’s', async () => {
    const users = clinic.world.get(UsersService);
    await users.create({ username: 'audrey', password: auditorPassword, roles: ['auditor'] });
    const found = (query: string): Promise<readonly AuditEvent[]> =>
      eventually(
        `events of ${query}`,
        () => eventsOf(clinic.world, query),
        ({ length }) => length > 0,
      );
    const { launch } = await make({ patient: 'carlo' });
    expect(await refusal({ launch }, 'bob')).toContain('another person');
    const { visitor, page } = await clinic.begin({ scope, launch });
    await allowed(visitor, page);
    const [approved] = await found('subtype=access-approved&agent-name=alice&patient=carlo');
    expect(approved?.entity.map(({ what }) => what?.reference)).toContain('Patient/carlo');
    const [refused] = await found('subtype=launch-refused&agent-name=bob&_sort=-date');
    expect(refused).toMatchObject({ outcome: '4', outcomeDesc: 'user' });
    const [made] = await found('subtype=110129&agent-name=root');
    expect(JSON.stringify(made?.entity)).toContain('launches');
    const all = await eventsOf(clinic.world, '_count=1000');
    expect(JSON.stringify(all)).not.toContain(launch);
  });

  it('keeps only the hash of a handle', async () => {
    const { launch } = await make();
    const rows = await clinic.world
      .get(Database)
      .query<Record<string, unknown>>('SELECT * FROM oauth2_launch');
    const text = JSON.stringify(rows, (_name, value: unknown) =>
      Buffer.isBuffer(value) ? `${value.toString('hex')} ${value.toString('latin1')}` : value,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(text).not.toContain(launch);
    expect(clinic.world.log).not.toContain(launch);
    const listed = await management.call<{ items: object[] }>('GET', 'launches');
    expect(JSON.stringify(listed)).not.toContain(launch);
    expect(listed.items[0]).toMatchObject({ username: 'alice', context: { patient: 'anna' }, usedAt: null });
  });

  it.each([
    [{ username: 'nobody' }, 'username'],
    [{ clientId: 'growth-app' }, 'clientId'],
    [{ clientId: 'loader' }, 'clientId'],
    [{ endpoint: 'https://elsewhere.example.org/fhir' }, 'endpoint'],
    [{ endpoint: '/admin/api/v1' }, 'endpoint'],
    [{ patient: 'Patient/anna' }, 'patient'],
    [{ patient: undefined, encounter: 'visit-of-anna' }, 'patient'],
    [{ encounter: 'a b' }, 'encounter'],
    [{ intent: '' }, 'intent'],
    [{ tenant: 'x'.repeat(201) }, 'tenant'],
    [{ smartStyleUrl: 'http://ehr.example.org/style.json' }, 'smartStyleUrl'],
    [{ smartStyleUrl: 'javascript:alert(1)' }, 'smartStyleUrl'],
    [{ ttl: 3601 }, 'ttl'],
    [{ fhirContext: [{}] }, 'fhirContext[0]'],
    [{ fhirContext: [{ reference: 'Patient/bruno' }] }, 'fhirContext[0]'],
    [{ fhirContext: [{ identifier: { value: '1' }, type: 'Encounter' }] }, 'fhirContext[0]'],
    [{ fhirContext: [{ reference: 'https://elsewhere.example.org/x' }] }, 'fhirContext[0]'],
    [{ fhirContext: [{ reference: 'Group/1', sub: 'root' }] }, 'fhirContext[0]'],
    [{ fhirContext: [{ reference: 'Group/1', role: 'mine' }] }, 'fhirContext[0]'],
    [{ fhirContext: Array.from({ length: 21 }, () => ({ reference: 'Group/1' })) }, 'fhirContext'],
    [{ sub: 'root' }, 'sub'],
  ])('is not made with %j', async (more, field) => {
    const answer = await management.request('POST', 'launches', {
      ...{ username: 'alice', clientId: 'smart-app', patient: 'anna' },
      ...more,
    });
    const body = (await answer.json()) as { errors: { field?: string; expression?: string }[] };
    expect([answer.status, JSON.stringify(body.errors)]).toEqual([
      400,
      expect.stringContaining(`"${field}"`),
    ]);
  });

  it('is made by an administrator alone', async () => {
    const input = { username: 'alice', clientId: 'smart-app' };
    const other = new Management(clinic.world.url, 'alice', passwords.alice);
    expect((await other.request('POST', 'launches', input)).status).toBe(403);
    const nobody = new Management(clinic.world.url, 'alice', 'wrong');
    expect((await nobody.request('POST', 'launches', input)).status).toBe(401);
  });
});
