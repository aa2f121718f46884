import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { databases } from '../kit/databases.js';
import { category, SeparateServers } from './separate-servers.js';

const modes = databases.flatMap((database) => [
  { name: database.name, database, mode: 'verifies' as const },
  { name: database.name, database, mode: 'introspects' as const },
]);

interface Holder {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function holder(): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey) };
}

function proof({ privateKey, jwk }: Holder, method: string, url: string, token?: string): Promise<string> {
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
  const claims = { htm: method, htu: url, jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...ath };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk }).sign(privateKey);
}

describe.each(modes)(
  'SMART scopes at a resource server that $mode tokens, on $name',
  ({ database, mode }) => {
    let both: SeparateServers;

    beforeAll(async () => {
      both = await SeparateServers.start(database, mode === 'verifies');
    });

    afterAll(() => both?.stop());

    const observationsWith = (token: string): Promise<{ status: number; ids: string[] }> =>
      both.read('Observation', token);

    it.each([
      ['version 2', 'patient/*.rs', 200],
      ['version 1', 'patient/*.read', 200],
      ['version 1, of one type', 'patient/Observation.read', 403],
      ['version 2, of one type', 'patient/Observation.rs', 403],
    ])('of %s reach the patient of the launch, and nobody else', async (_name, scope, patientStatus) => {
      const tokens = await both.tokens(scope, 'anna');
      expect(tokens).toMatchObject({ patient: 'anna', scope: `launch ${scope}` });
      expect(tokens.expires_in).toBeLessThanOrEqual(300);
      const token = tokens.access_token;
      expect(await observationsWith(token)).toEqual({
        ...{ status: 200, total: 2 },
        ids: ['glucose-of-anna', 'weight-of-anna'],
      });
      expect((await both.read('Patient/anna', token)).status).toBe(patientStatus);
      expect((await both.read('Patient', token)).ids).toEqual(patientStatus === 200 ? ['anna'] : []);
      for (const path of ['Observation/weight-of-bruno', 'Observation/weight-of-bruno/_history/1']) {
        expect([path, (await both.read(path, token)).status]).toEqual([path, 404]);
      }
      for (const search of ['patient=bruno', '_id=weight-of-bruno', 'patient:Patient._id=bruno']) {
        const found = await both.read(`Observation?${search}`, token);
        expect({ search, ...found }).toEqual({ search, status: 200, total: 0, ids: [] });
      }
    });

    it('of a category reach what fulfils it', async () => {
      const scope = `patient/Observation.rs?category=${category}|vital-signs`;
      const { access_token: token } = await both.tokens(scope, 'anna');
      expect(await observationsWith(token)).toEqual({ status: 200, total: 1, ids: ['weight-of-anna'] });
      expect((await both.read('Observation/weight-of-anna', token)).status).toBe(200);
      expect((await both.read('Observation/glucose-of-anna', token)).status).toBe(404);
    });

    it('hold for what is written', async () => {
      const { access_token: token } = await both.tokens('patient/Observation.cruds', 'anna');
      const observation = (patient: string): object => ({
        ...{ resourceType: 'Observation', status: 'final', code: { text: 'Height' } },
        subject: { reference: `Patient/${patient}` },
      });
      expect(await both.create(observation('bruno'), token)).toBe(403);
      expect(await both.create(observation('anna'), token)).toBe(201);
      const { access_token: reading } = await both.tokens('patient/Observation.rs', 'bruno');
      expect(await both.create(observation('bruno'), reading)).toBe(403);
      expect((await observationsWith(reading)).ids).toEqual(['glucose-of-bruno', 'weight-of-bruno']);
    });

    it('let a patient at the own record, and at no other', async () => {
      const tokens = await both.tokens('openid fhirUser launch/patient patient/*.rs');
      expect(tokens.patient).toBe('dora');
      expect((await observationsWith(tokens.access_token)).ids).toEqual([
        'glucose-of-dora',
        'weight-of-dora',
      ]);
      expect((await both.read('Patient/anna', tokens.access_token)).status).toBe(404);
    });

    it('tell by fhirUser who it is, at an address that the same token reads', async () => {
      const tokens = await both.tokens('openid fhirUser patient/Observation.rs', 'anna');
      const { fhirUser } = JSON.parse(
        Buffer.from(tokens.id_token?.split('.')[1] ?? '', 'base64url').toString(),
      ) as { fhirUser: string };
      expect(fhirUser).toBe(`${both.base}/Practitioner/alice`);
      expect(await both.read(fhirUser, tokens.access_token)).toEqual({ status: 200, ids: ['alice'] });
    });

    it('get fewer on a refresh, with the same patient, and all of them again later', async () => {
      const first = await both.tokens('offline_access patient/*.rs', 'anna');
      const refresh = (refreshToken: string | undefined, more: Record<string, string> = {}) =>
        both.token({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '', ...more });
      const less = await refresh(first.refresh_token, { scope: 'patient/Observation.rs' });
      expect(less).toMatchObject({ patient: 'anna', scope: 'patient/Observation.rs' });
      expect((await both.read('Patient/anna', less.access_token)).status).toBe(403);
      expect((await both.read('Observation/weight-of-anna', less.access_token)).status).toBe(200);
      expect((await both.read('Observation/weight-of-bruno', less.access_token)).status).toBe(404);
      const all = await refresh(less.refresh_token);
      expect((await both.read('Patient/anna', all.access_token)).status).toBe(200);
    });

    it('are worth nothing without the key that the token is bound to', async () => {
      const key = await holder();
      const tokens = await both.tokens('patient/*.rs', 'anna', {
        dpop: await proof(key, 'POST', `${both.issuer}/token`),
      });
      expect(tokens).toMatchObject({ token_type: 'DPoP', patient: 'anna' });
      const token = tokens.access_token;
      const url = `${both.base}/Observation`;
      const read = (dpop: string) =>
        both.read('Observation', token, { authorization: `DPoP ${token}`, dpop });
      const good = await proof(key, 'GET', url, token);
      expect((await read(good)).ids).toContain('weight-of-anna');
      expect((await read(good)).status).toBe(401);
      expect((await read(await proof(await holder(), 'GET', url, token))).status).toBe(401);
      expect((await observationsWith(token)).status).toBe(401);
    });

    it('end with a revocation', async () => {
      const tokens = await both.tokens('offline_access patient/*.rs', 'anna');
      expect((await observationsWith(tokens.access_token)).status).toBe(200);
      const revoked = await both.ask('revocation', { token: tokens.refresh_token ?? '' });
      expect(revoked.status).toBe(200);
      const refreshed = await both.ask('token', {
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token ?? '',
      });
      expect(refreshed.status).toBe(400);
      // One that is verified by its signature lives on until it expires, five minutes at the most.
      if (mode === 'verifies') return;
      await sleep(5000);
      expect((await observationsWith(tokens.access_token)).status).toBe(401);
    });

    it('are read as this resource server does it', () => {
      const asked = both.front.requests.filter((request) => request.startsWith('POST /oauth2/introspection'));
      const keys = both.front.requests.filter((request) => request.startsWith('GET /oauth2/jwks'));
      expect([asked.length > 0, keys.length > 0]).toEqual(
        mode === 'verifies' ? [false, true] : [true, false],
      );
    });
  },
);
