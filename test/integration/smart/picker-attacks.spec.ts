import { databases } from '../../kit/databases.js';
import { Clinic } from './clinic.js';

const both = 'launch/patient patient/*.rs';

describe.each(databases)('the patient picker under attack on $name', (database) => {
  let clinic: Clinic;

  beforeAll(async () => {
    clinic = await Clinic.open(await database.create());
  });

  afterAll(() => clinic.close());

  it.each(['nobody', 'weight-of-anna', 'anna,bruno', 'anna|bruno', '', '../Patient/anna', 'a'.repeat(3000)])(
    'takes no patient that is not there: %s',
    async (patient) => {
      const { visitor, page } = await clinic.begin({ scope: both });
      const again = await visitor.submit(page, { patient });
      expect(again.status).toBe(400);
      expect(again.body).toContain('not among those that you may see');
    },
  );

  it('takes no context from the parameters of the app', async () => {
    const visitor = clinic.visitor();
    const invented = { patient: 'bruno', encounter: 'visit-of-bruno', intent: 'x', tenant: 'y' };
    const { page } = await clinic.begin({ scope: both, ...invented }, 'alice', visitor);
    const consent = await visitor.submit(page, { patient: 'anna', encounter: 'visit-of-bruno' });
    const forged = await visitor.submit(consent, { decision: 'allow', patient: 'bruno', scope: 'admin' });
    expect([forged.status, forged.returned]).toEqual([403, undefined]);
    const allowed = await visitor.submit(consent, { decision: 'allow', patient: 'bruno' });
    const tokens = await visitor.tokens(allowed, invented);
    expect(tokens).toMatchObject({ patient: 'anna', scope: both });
    for (const name of ['encounter', 'intent', 'tenant']) expect(tokens).not.toHaveProperty(name);
  });

  it('takes from a patient no other than the own record', async () => {
    const visitor = clinic.visitor();
    const login = await visitor.authorize({ scope: both });
    // The page is followed by hand, so that a form can be sent where the server asks nothing.
    const page = await visitor.signIn(login, 'dora', 'dora-passphrase-4');
    for (const fields of [
      { step: 'launch', patient: 'anna' },
      { step: 'consent', patient: 'anna', decision: 'allow' },
    ]) {
      const answer = await visitor.submit(page, fields);
      if (answer.returned === undefined) {
        expect(answer.status).toBe(403);
        continue;
      }
      expect((await visitor.tokens(answer)).patient).toBe('dora');
    }
  });

  it('takes no form without its token, of another step or of another session', async () => {
    const { visitor, page } = await clinic.begin({ scope: both });
    const wrong = [
      { csrf: '', patient: 'anna' },
      { csrf: 'x'.repeat(43), patient: 'anna' },
      { step: 'login', patient: 'anna' },
      { step: 'consent', decision: 'allow' },
      { csrf: '', decision: 'search', name: 'keller' },
    ];
    for (const fields of wrong) {
      const answer = await visitor.submit(page, fields);
      expect([fields, answer.status]).toEqual([fields, 403]);
      expect(answer.body).not.toContain('Keller');
    }
    const stranger = clinic.visitor();
    expect((await stranger.submit(page, { patient: 'anna' })).status).toBe(400);
    const other = await clinic.begin({ scope: both }, 'bob');
    const csrf = /name="csrf" value="([^"]*)"/.exec(other.page.body)?.[1] ?? '';
    expect((await visitor.submit(page, { csrf, patient: 'anna' })).status).toBe(403);
    expect((await visitor.submit(page, { patient: 'anna' })).body).toContain('value="allow"');
  });

  it('shows its pages in no frame and lets them run no script', async () => {
    const { page } = await clinic.begin({ scope: both });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('puts nothing that is typed into an address or the log', async () => {
    const { visitor, page } = await clinic.begin({ scope: both });
    const found = await visitor.submit(page, { name: 'keller', decision: 'search' });
    expect(found.url).not.toContain('keller');
    expect(clinic.world.log.toLowerCase()).not.toContain('keller');
  });
});
