import { databases } from '../../kit/databases.js';
import { ClientsService } from '../../../src/clients/index.js';
import { RolesService, UsersService } from '../../../src/users/index.js';
import { basic } from '../access/application.js';
import { Clinic } from './clinic.js';

const both = 'launch/patient patient/*.rs';

describe.each(databases)('a standalone launch on $name', (database) => {
  let clinic: Clinic;

  beforeAll(async () => {
    clinic = await Clinic.open(await database.create());
  });

  afterAll(() => clinic.close());

  it.each(['launch/patient', 'patient/Observation.rs', 'user/*.rs patient/*.read', 'launch/encounter'])(
    'asks for a patient where %s is asked for',
    async (scope) => {
      const { page } = await clinic.begin({ scope });
      expect(page.body).toContain('Choose a patient');
      expect(page.body).not.toContain('Keller');
    },
  );

  it('asks for none where no scope needs one', async () => {
    const { page } = await clinic.begin({ scope: 'openid launch user/*.rs' });
    expect(page.body).toContain('value="allow"');
  });

  it.each([
    [{ name: 'keller' }, ['anna', 'bruno']],
    [{ name: 'Mari kell' }, ['anna']],
    [{ name: 'anna rossi' }, []],
    [{ birthDate: '1974' }, ['anna', 'carlo']],
    [{ birthDate: '1980-05' }, ['bruno']],
    [{ identifier: 'MRN,2' }, ['bruno']],
    [{ identifier: 'urn:mrn|MRN-3' }, ['carlo']],
    [{ identifier: 'urn:other|MRN-3' }, []],
    [{ name: 'keller', birthDate: '1974-12-25', identifier: 'MRN-1' }, ['anna']],
    [{}, ['anna', 'bruno', 'carlo', 'dora']],
  ])('finds by %j the patients %j', async (criteria, expected) => {
    const { visitor, page } = await clinic.begin({ scope: both });
    const found = await visitor.submit(page, { ...criteria, decision: 'search' });
    expect(found.status).toBe(200);
    const ids = [...found.body.matchAll(/name="patient" value="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.toSorted()).toEqual(expected);
  });

  it.each(['1974-13-01', 'yesterday', '25.12.1974', 'ge1900', '1974,1980'])(
    'says what is wrong with the date of birth %s, and keeps what was typed',
    async (birthDate) => {
      const { visitor, page } = await clinic.begin({ scope: both });
      const again = await visitor.submit(page, { name: '"><script>', birthDate, decision: 'search' });
      expect(again.status).toBe(400);
      expect(again.body).toContain('Give the date of birth as');
      expect(again.body).toContain('value="&quot;&gt;&lt;script&gt;"');
      expect(again.body).not.toContain('<script>');
    },
  );

  it('tells the app of the patient beside the token, on introspection and at each refresh', async () => {
    const visitor = clinic.visitor();
    const tokens = await clinic.standalone(`${both} openid fhirUser offline_access`, 'anna', visitor);
    expect(tokens).toMatchObject({ patient: 'anna', token_type: 'Bearer' });
    expect(tokens).not.toHaveProperty('encounter');
    expect(await clinic.read(tokens.access_token, 'Observation')).toEqual({
      status: 200,
      ids: ['weight-of-anna'],
    });
    expect((await clinic.read(tokens.access_token, 'Patient/bruno')).status).toBe(404);
    const answer = await visitor.token({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
      patient: 'bruno',
      launch: 'bruno',
      scope: 'patient/Observation.rs',
    });
    const refreshed = (await answer.json()) as Record<string, string>;
    expect(refreshed).toMatchObject({ patient: 'anna', scope: 'patient/Observation.rs' });
    expect(await clinic.read(refreshed.access_token!, 'Observation')).toEqual({
      status: 200,
      ids: ['weight-of-anna'],
    });
  });

  it('tells a resource server of the context on introspection', async () => {
    const clientId = `records-${database.name}`;
    const { secret } = await clinic.world.get(ClientsService).create({
      clientId,
      resource: [clinic.world.base('/fhir/r4')],
    });
    const tokens = await clinic.standalone(`${both} openid fhirUser launch/encounter`, 'anna');
    const introspect = async (token: string) => {
      const answer = await fetch(`${clinic.world.url}/oauth2/introspection`, {
        method: 'POST',
        headers: basic(clientId, secret),
        body: new URLSearchParams({ token }),
      });
      return (await answer.json()) as Record<string, unknown>;
    };
    expect(await introspect(tokens.access_token)).toMatchObject({
      active: true,
      patient: 'anna',
      encounter: 'visit-of-anna',
      fhirUser: `${clinic.world.url}/fhir/r4/Practitioner/alice`,
      scope: tokens.scope,
    });
    const other = await clinic.standalone('openid user/*.rs', '');
    expect(await introspect(other.access_token)).not.toHaveProperty('patient');
  });

  it('gives scopes back as they were asked for, of version 1, 2 and with criteria', async () => {
    const asked = [
      'patient/Observation.read',
      'patient/Condition.rs',
      'patient/Encounter.rs?status=finished',
      'user/Practitioner.read',
    ];
    const tokens = await clinic.standalone(asked.join(' '), 'anna');
    expect(tokens.scope.split(' ').toSorted()).toEqual(asked.toSorted());
    expect(await clinic.read(tokens.access_token, 'Encounter')).toEqual({
      status: 200,
      ids: ['visit-of-anna'],
    });
    expect((await clinic.read(tokens.access_token, 'Practitioner/other')).status).toBe(200);
    const narrow = await clinic.standalone('patient/Encounter.rs?status=planned', 'anna');
    expect((await clinic.read(narrow.access_token, 'Encounter')).ids).toEqual([]);
  });

  it.each(['alice', 'dora'] as const)(
    'names %s by an address that the same token reads',
    async (username) => {
      const { visitor, page } = await clinic.begin({ scope: 'openid fhirUser' }, username);
      const tokens = await visitor.tokens(await visitor.submit(page, { decision: 'allow' }));
      const payload = Buffer.from(tokens.id_token?.split('.')[1] ?? '', 'base64url').toString();
      const { fhirUser } = JSON.parse(payload) as { fhirUser: string };
      const base = clinic.world.base('/fhir/r4/');
      expect(fhirUser).toMatch(new RegExp(`^${base}(Practitioner/alice|Patient/dora)$`));
      const path = fhirUser.slice(base.length);
      expect(await clinic.read(tokens.access_token, path)).toEqual({ status: 200, ids: [username] });
      for (const other of ['Practitioner/other', 'Patient/anna', 'Practitioner', 'Observation']) {
        expect([other, (await clinic.read(tokens.access_token, other)).status]).not.toContain(200);
      }
    },
  );

  it('shows on the consent page for whom the app is let in', async () => {
    const { visitor, page } = await clinic.begin({ scope: both });
    const consent = await visitor.submit(page, { patient: 'carlo' });
    expect(consent.body).toMatch(/<dt>Patient<\/dt><dd>Carlo Rossi<\/dd>/);
    expect(consent.body).toContain('Ward &lt;b&gt;round&lt;/b&gt;');
  });

  it('keeps the patients of two launches in one session apart', async () => {
    const visitor = clinic.visitor();
    const first = await clinic.standalone(`${both} offline_access`, 'anna', visitor);
    const second = await clinic.standalone(`${both} offline_access`, 'bruno', visitor);
    const third = await visitor.authorize({ scope: 'openid patient/*.rs' });
    expect(third.body).toContain('Choose a patient');
    for (const [tokens, patient] of [
      [first, 'anna'],
      [second, 'bruno'],
    ] as const) {
      const refreshed = (await (
        await visitor.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
      ).json()) as Record<string, string>;
      expect(refreshed.patient).toBe(patient);
      expect(await clinic.read(refreshed.access_token!, 'Observation')).toMatchObject({
        ids: [`weight-of-${patient}`],
      });
    }
  });

  it('does not go on without asking where prompt=none wants it to', async () => {
    const visitor = clinic.visitor();
    await clinic.standalone(both, 'anna', visitor);
    const silent = await visitor.authorize({ scope: both, prompt: 'none' });
    expect(silent.returned?.searchParams.get('error')).toMatch(/_required$/);
  });

  it('lets a patient work with the own record, without a picker', async () => {
    const { visitor, page } = await clinic.begin({ scope: both }, 'dora');
    expect(page.body).toMatch(/<dt>Patient<\/dt><dd>Dora Meier<\/dd>/);
    const tokens = await visitor.tokens(await visitor.submit(page, { decision: 'allow' }));
    expect(tokens.patient).toBe('dora');
    expect((await clinic.read(tokens.access_token, 'Observation')).ids).toEqual(['weight-of-dora']);
  });

  it('lets a patient who looks after others too choose among them and the own record', async () => {
    const { world } = clinic;
    const rules = [
      { types: ['Patient'], interactions: 'rs', criteria: '_id=bruno' },
      { types: ['Observation'], interactions: 'rs', criteria: 'patient=Patient/bruno' },
    ];
    await world.get(RolesService).create({ name: 'guardian', rules });
    await world.get(UsersService).update('dora', { roles: ['patient', 'guardian'] });
    const { visitor, page } = await clinic.begin({ scope: both }, 'dora');
    const found = await visitor.submit(page, { name: '', decision: 'search' });
    expect([...found.body.matchAll(/name="patient" value="([^"]*)"/g)].map(([, id]) => id).sort()).toEqual([
      'bruno',
      'dora',
    ]);
    const consent = await visitor.submit(page, { patient: 'bruno' });
    const tokens = await visitor.tokens(await visitor.submit(consent, { decision: 'allow' }));
    expect((await clinic.read(tokens.access_token, 'Observation')).ids).toEqual(['weight-of-bruno']);
    expect((await visitor.submit(page, { patient: 'anna' })).body).not.toContain('value="allow"');
    await world.get(UsersService).update('dora', { roles: ['patient'] });
  });

  it('explains to whom no patient is shown that there is none, and leads back to the app', async () => {
    for (const username of ['carla', 'nobody'] as const) {
      if (username === 'nobody') {
        const users = clinic.world.get(UsersService);
        await users.create({ username, password: 'nobody-passphrase-6', roles: ['patient'] });
      }
      const visitor = clinic.visitor();
      const login = await visitor.authorize({ scope: both });
      const password = username === 'carla' ? 'carla-passphrase-3' : 'nobody-passphrase-6';
      const page = await visitor.signIn(login, username, password);
      expect([username, page.status]).toEqual([username, 403]);
      expect(page.body).toContain('there is none that you may see here');
      const forged = await visitor.submit(page, { patient: 'anna', decision: 'choose' });
      expect([username, forged.status]).toEqual([username, 403]);
      const back = await visitor.submit(page, { decision: 'cancel' });
      expect(back.returned?.searchParams.get('error')).toBe('access_denied');
    }
  });

  it('shows long lists page by page', async () => {
    const ids = Array.from({ length: 23 }, (_, index) => `row-${String(index).padStart(2, '0')}`);
    for (const id of ids) {
      await clinic.put({
        ...{ resourceType: 'Patient', id },
        ...{ name: [{ family: 'Longlist', given: [id] }] },
      });
    }
    const { visitor, page } = await clinic.begin({ scope: both });
    let shown = await visitor.submit(page, { name: 'longlist', decision: 'search' });
    const seen: string[] = [];
    for (let pages = 0; pages < 5; pages += 1) {
      const onPage = [...shown.body.matchAll(/name="patient" value="([^"]*)"/g)].map(([, id = '']) => id);
      expect(onPage.length).toBeLessThanOrEqual(10);
      seen.push(...onPage);
      const next = /name="page" value="([^"]*)"/.exec(shown.body)?.[1];
      if (next === undefined) break;
      shown = await visitor.submit(shown, { page: next });
    }
    expect(seen.toSorted()).toEqual(ids);
    const strange = await visitor.submit(page, { name: 'longlist', page: 'forged' });
    expect(strange.status).toBe(400);
    expect(strange.body).toContain('Something went wrong');
  });

  describe('with an encounter', () => {
    const scope = 'launch/patient launch/encounter patient/*.rs';

    it('asks for one of the patient', async () => {
      const { visitor, page } = await clinic.begin({ scope });
      const encounters = await visitor.submit(page, { patient: 'anna' });
      expect(encounters.body).toContain('Choose an encounter');
      expect(encounters.body).toContain('Anna Maria Keller');
      expect(encounters.body).toContain('2026-11-02');
      expect(encounters.body).not.toContain('visit-of-bruno');
      const consent = await visitor.submit(encounters, { encounter: 'visit-of-anna' });
      expect(consent.body).toMatch(/<dt>Encounter<\/dt><dd>Check-up<\/dd>/);
      const tokens = await visitor.tokens(await visitor.submit(consent, { decision: 'allow' }));
      expect(tokens).toMatchObject({ patient: 'anna', encounter: 'visit-of-anna' });
      expect(tokens.scope.split(' ')).toContain('launch/encounter');
    });

    it.each(['visit-of-bruno', 'weight-of-anna', 'nothing', 'visit-of-anna,visit-of-bruno', ''])(
      'takes none of another patient: %j',
      async (encounter) => {
        const { visitor, page } = await clinic.begin({ scope });
        const encounters = await visitor.submit(page, { patient: 'anna' });
        const again = await visitor.submit(encounters, { encounter });
        expect(again.status).toBe(400);
        expect(again.body).toContain('not one of the patient');
      },
    );

    it('says by the granted scopes where there is none', async () => {
      const { visitor, page } = await clinic.begin({ scope });
      const encounters = await visitor.submit(page, { patient: 'carlo' });
      expect(encounters.body).toContain('There is no encounter');
      const consent = await visitor.submit(encounters, { decision: 'without' });
      const tokens = await visitor.tokens(await visitor.submit(consent, { decision: 'allow' }));
      expect(tokens).toMatchObject({ patient: 'carlo' });
      expect(tokens).not.toHaveProperty('encounter');
      expect(tokens.scope.split(' ').toSorted()).toEqual(['launch/patient', 'patient/*.rs']);
    });
  });
});
