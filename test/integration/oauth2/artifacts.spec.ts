import { randomBytes } from 'node:crypto';
import { migrations } from '../../../migrations/index.js';
import { ArtifactAdapter } from '../../../src/oauth2/provider/artifact.adapter.js';
import { artifactKey, type ArtifactPayload } from '../../../src/oauth2/store/artifact-codec.js';
import { ArtifactStore, endAccount, endClient } from '../../../src/oauth2/store/artifact-store.js';
import { Settings } from '../../../src/platform/config/index.js';
import { SecretBox } from '../../../src/platform/crypto/index.js';
import { closeDatabase, openDatabase, type Database } from '../../../src/platform/database/index.js';
import { sqlite } from '../../kit/databases.js';

const id = (): string => randomBytes(24).toString('base64url');
const nobodysGrant = id();

describe('what the protocol engine keeps', () => {
  let database: Database;
  let store: ArtifactStore;
  let announced = 0;

  beforeAll(async () => {
    const databaseUrl = await sqlite.create();
    database = await openDatabase(Settings.of({ databaseUrl, logLevel: 'silent' }), [], [...migrations]);
    store = new ArtifactStore(database, new SecretBox(randomBytes(32)));
    store.revoked.subscribe(() => announced++);
  });
  afterAll(() => closeDatabase(database));

  const adapter = (model: string): ArtifactAdapter => new ArtifactAdapter(model, store);
  const save = async (model: string, payload: ArtifactPayload = {}, lifetime = 60): Promise<string> => {
    const key = id();
    await adapter(model).upsert(key, payload, lifetime);
    return key;
  };
  /** A grant with a code, a refresh token and an access token of it. */
  const family = async (payload: ArtifactPayload = { accountId: 'alice', clientId: 'app' }) => {
    const grant = await save('Grant', payload);
    const of = (model: string): Promise<string> => save(model, { ...payload, grantId: grant });
    const [code, refresh, access] = [
      await of('AuthorizationCode'),
      await of('RefreshToken'),
      await of('AccessToken'),
    ];
    return { grant, code, refresh, access };
  };
  const isGood = async (token: string): Promise<boolean> => (await store.findToken(token))?.revoked === false;
  const ended = ({ grant, code, refresh, access }: Awaited<ReturnType<typeof family>>) =>
    Promise.all([
      adapter('Grant')
        .find(grant)
        .then((found) => found === undefined),
      adapter('AuthorizationCode')
        .find(code)
        .then((found) => found === undefined),
      adapter('RefreshToken')
        .find(refresh)
        .then((found) => found === undefined),
      isGood(access).then((good) => !good),
    ]);
  const all = [true, true, true, true];
  const none = [false, false, false, false];

  describe('used once', () => {
    it.each(['AuthorizationCode', 'RefreshToken'] as const)(
      'a %s is found with the mark, and its family goes on',
      async (model) => {
        const one = await family();
        const token = model === 'RefreshToken' ? one.refresh : one.code;
        await adapter(model).consume(token);
        expect(await adapter(model).find(token)).toMatchObject({ consumed: expect.any(Number), jti: token });
        expect(await ended(one)).toEqual(none);
      },
    );
  });

  describe('used twice', () => {
    it.each(['AuthorizationCode', 'RefreshToken'] as const)(
      'a %s ends the grant and all that came from it, and nobody else’s',
      async (model) => {
        const [one, other] = [await family(), await family()];
        const token = model === 'RefreshToken' ? one.refresh : one.code;
        await adapter(model).consume(token);
        const before = announced;
        await expect(adapter(model).consume(token)).rejects.toMatchObject({ error: 'invalid_grant' });
        expect(await ended(one)).toEqual(all);
        expect(await ended(other)).toEqual(none);
        expect(announced).toBeGreaterThan(before);
      },
    );

    it('at the same time, one use is the first, and all the same the grant ends', async () => {
      const one = await family();
      const uses = await Promise.allSettled(
        Array.from({ length: 8 }, () => adapter('RefreshToken').consume(one.refresh)),
      );
      expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await ended(one)).toEqual(all);
    });

    it('or after it was revoked, it is a replay as well', async () => {
      const one = await family();
      await adapter('RefreshToken').destroy(one.refresh);
      await expect(adapter('RefreshToken').consume(one.refresh)).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      expect(await ended(one)).toEqual(all);
    });

    it('a pushed request is refused by its own name, without a grant to end', async () => {
      const request = await save('PushedAuthorizationRequest', { clientId: 'app' });
      await adapter('PushedAuthorizationRequest').consume(request);
      await expect(adapter('PushedAuthorizationRequest').consume(request)).rejects.toMatchObject({
        error: 'invalid_request_uri',
      });
    });

    it('what there never was is refused', async () => {
      await expect(adapter('RefreshToken').consume(id())).rejects.toMatchObject({ error: 'invalid_grant' });
    });
  });

  describe('an access token', () => {
    it('is good with its grant, and without one where it never had one', async () => {
      const { access } = await family();
      expect(await isGood(access)).toBe(true);
      expect(await isGood(await save('ClientCredentials', { clientId: 'app' }))).toBe(true);
    });

    it('is none where its grant is there no more', async () => {
      const { grant, access } = await family();
      await database.transaction((session) =>
        session.execute('DELETE FROM oauth2_artifact WHERE id_hash = ?', [artifactKey(grant)]),
      );
      expect(await isGood(access)).toBe(false);
    });

    it('is none where its grant never was', async () => {
      expect(await isGood(await save('AccessToken', { grantId: nobodysGrant }))).toBe(false);
    });

    it('is none where its grant alone is revoked', async () => {
      const { grant, access } = await family();
      await database.transaction((session) =>
        session.execute('UPDATE oauth2_artifact SET revoked_at = 1 WHERE id_hash = ?', [artifactKey(grant)]),
      );
      expect(await isGood(access)).toBe(false);
    });

    it('is none where it is revoked itself, its family apart', async () => {
      const { access, ...rest } = await family();
      await adapter('AccessToken').destroy(access);
      expect(await isGood(access)).toBe(false);
      expect(await ended({ ...rest, access })).toEqual([false, false, false, true]);
    });

    it('saved again stays revoked, and used', async () => {
      const { access, refresh } = await family();
      await adapter('AccessToken').destroy(access);
      await adapter('AccessToken').upsert(access, { clientId: 'app' }, 60);
      expect(await store.findToken(access)).toMatchObject({ revoked: true });
      await adapter('RefreshToken').consume(refresh);
      await adapter('RefreshToken').upsert(refresh, { clientId: 'app' }, 60);
      expect(await adapter('RefreshToken').find(refresh)).toHaveProperty('consumed');
    });
  });

  it('is found under its own model alone', async () => {
    const { refresh } = await family();
    expect(await adapter('RefreshToken').find(refresh)).toMatchObject({ clientId: 'app' });
    expect(await adapter('AuthorizationCode').find(refresh)).toBeUndefined();
  });

  it('of a grant ends with it, whoever ends it', async () => {
    const [one, other] = [await family(), await family()];
    await adapter('Grant').destroy(one.grant);
    expect(await ended(one)).toEqual(all);
    expect(await ended(other)).toEqual(none);
    await adapter('RefreshToken').revokeByGrantId(other.grant);
    expect(await ended(other)).toEqual([false, false, true, false]);
  });

  it('of a user’s grant is ended by that user alone', async () => {
    const one = await family({ accountId: 'carol', clientId: 'app' });
    expect(await store.revokeGrantOf('mallory', artifactKey(one.grant))).toBeUndefined();
    expect(await store.revokeGrantOf('carol', artifactKey(one.refresh))).toBeUndefined();
    expect(await ended(one)).toEqual(none);
    expect(await store.revokeGrantOf('carol', artifactKey(one.grant))).toBe('app');
    expect(await ended(one)).toEqual(all);
    expect(await store.revokeGrantOf('carol', artifactKey(one.grant))).toBeUndefined();
  });

  it('for a client from a user ends by both, and for a client or a user with them', async () => {
    const mine = await family({ accountId: 'dora', clientId: 'app-1' });
    const others = await family({ accountId: 'dora', clientId: 'app-2' });
    const anothers = await family({ accountId: 'emil', clientId: 'app-1' });
    expect(await store.revokeApproval('dora', 'app-1')).toBe(true);
    expect(await store.revokeApproval('dora', 'app-1')).toBe(false);
    expect([await ended(mine), await ended(others), await ended(anothers)]).toEqual([all, none, none]);
    await store.revokeClient('app-1');
    expect([await ended(others), await ended(anothers)]).toEqual([none, all]);
    const last = await family({ accountId: 'emil', clientId: 'app-2' });
    await database.transaction((session) => endAccount('dora', session));
    expect([await ended(others), await ended(last)]).toEqual([all, none]);
    await database.transaction((session) => endClient('app-2', session));
    expect(await ended(last)).toEqual(all);
  });

  describe('of a browser session', () => {
    const uid = id();
    const online = { accountId: 'alice', clientId: 'app', sessionUid: uid, scope: 'online_access user/*.rs' };

    it('ends with it, unless it is for offline_access', async () => {
      const session = await save('Session', { accountId: 'alice', uid });
      const tokens = await Promise.all(
        ['AuthorizationCode', 'RefreshToken', 'AccessToken'].map((model) => save(model, online)),
      );
      const plain = await save('AccessToken', { ...online, scope: undefined });
      const offline = await save('AccessToken', { ...online, scope: 'offline_access user/*.rs' });
      const lookalike = await save('AccessToken', { ...online, scope: 'user/*.rs?x=offline_access' });
      const elsewhere = await save('AccessToken', { ...online, sessionUid: id() });
      await store.revokeSession(uid);
      for (const token of [...tokens, plain, lookalike]) expect(await isGood(token)).toBe(false);
      for (const token of [offline, elsewhere]) expect(await isGood(token)).toBe(true);
      expect(await adapter('Session').find(session)).toBeUndefined();
      expect(await adapter('Session').findByUid(uid)).toBeUndefined();
      // A request that is under way saves it once more.
      await adapter('Session').upsert(session, { accountId: 'alice', uid }, 60);
      expect(await adapter('Session').findByUid(uid)).toBeUndefined();
    });

    it('is found by its uid, with its id, and listed for its user while it lasts', async () => {
      const own = id();
      const session = await save('Session', { accountId: 'fay', uid: own });
      const short = await save('Session', { accountId: 'fay', uid: id() }, 30);
      await save('Session', { accountId: 'fay', uid: id() }, 0);
      expect(await adapter('Session').findByUid(own)).toMatchObject({ jti: session });
      expect((await store.sessionsOf('fay', 10)).map(({ jti }) => jti)).toEqual([session, short]);
      expect((await store.sessionsOf('fay', 1)).map(({ jti }) => jti)).toEqual([session]);
      expect(await store.sessionsOf('alice', 10)).toEqual([]);
      await adapter('Session').destroy(session);
      expect((await store.sessionsOf('fay', 10)).map(({ jti }) => jti)).toEqual([short]);
    });
  });

  it('once is kept once, for as long as it is told', async () => {
    const [key, other] = [id(), id()];
    expect(await store.saveOnce('ReplayDetection', key, {}, 60)).toBe(true);
    expect(await store.saveOnce('ReplayDetection', key, {}, 60)).toBe(false);
    expect(await store.saveOnce('ReplayDetection', other, {}, 0)).toBe(true);
    const expiries = await store.expiriesOf([key, other, id()]);
    expect([...expiries.keys()].sort()).toEqual([key, other].sort());
    expect((expiries.get(key) ?? 0) - (expiries.get(other) ?? 0)).toBeGreaterThan(59_000);
    await store.discardExpired(key);
    await store.discardExpired(other);
    expect([...(await store.expiriesOf([key, other])).keys()]).toEqual([key]);
    await adapter('ReplayDetection').destroy(key);
    expect(await store.saveOnce('ReplayDetection', key, {}, 60)).toBe(true);
  });
});
