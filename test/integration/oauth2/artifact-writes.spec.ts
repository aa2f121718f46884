import { randomBytes } from 'node:crypto';
import { migrations } from '../../../migrations/index.js';
import { ArtifactWrites, type ArtifactRowValues } from '../../../src/oauth2/store/artifact-writes.js';
import { Settings } from '../../../src/platform/config/index.js';
import { closeDatabase, openDatabase, type Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';

const row = (
  id = randomBytes(32),
  payload = '{}',
  model: string | null = 'AccessToken',
): ArtifactRowValues => [
  ...[id, model, null, null, null, 'alice', 'app', Buffer.from(payload)],
  ...[Date.now(), Date.now() + 60_000],
];

describe.each(databases)('tokens that are saved at the same time, on $name', ({ create }) => {
  let database: Database;

  beforeAll(async () => {
    const databaseUrl = await create();
    database = await openDatabase(Settings.of({ databaseUrl, logLevel: 'silent' }), [], [...migrations]);
  });
  afterAll(() => closeDatabase(database));

  const payloadOf = async (id: Buffer): Promise<string | undefined> => {
    const [found] = await database.query<{ payload: Buffer }>(
      'SELECT payload FROM oauth2_artifact WHERE id_hash = ?',
      [id],
    );
    return found?.payload.toString();
  };

  it('share commits, and each is there when its caller is told', async () => {
    const writes = new ArtifactWrites(database);
    const transactions = jest.spyOn(database, 'transaction');
    const ids = Array.from({ length: 600 }, () => randomBytes(32));
    await Promise.all(
      ids.map(async (id, n) => {
        await writes.save(row(id, String(n)));
        expect(await payloadOf(id)).toBe(String(n));
      }),
    );
    expect(transactions.mock.calls.length).toBeLessThan(10);
    transactions.mockRestore();
  });

  it('of one that can’t be stored, the others don’t hear', async () => {
    const writes = new ArtifactWrites(database);
    const ids = Array.from({ length: 20 }, () => randomBytes(32));
    const outcomes = await Promise.allSettled(
      ids.map((id, n) => writes.save(row(id, '{}', n === 7 ? null : 'AccessToken'))),
    );
    expect(outcomes.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([7]);
    const stored = await Promise.all(ids.map(payloadOf));
    expect(stored.flatMap((payload, n) => (payload === undefined ? [n] : []))).toEqual([7]);
    await writes.save(row(ids[7]));
    expect(await payloadOf(ids[7] ?? Buffer.alloc(0))).toBe('{}');
  });

  it('are all refused at once while the database is away', async () => {
    const writes = new ArtifactWrites(database);
    const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    const transactions = jest.spyOn(database, 'transaction').mockRejectedValue(away);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => writes.save(row())));
    expect(
      new Set(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : ''))),
    ).toEqual(new Set(['DATABASE_UNAVAILABLE']));
    expect(transactions).toHaveBeenCalledTimes(1);
    transactions.mockRestore();
    const id = randomBytes(32);
    await writes.save(row(id));
    expect(await payloadOf(id)).toBe('{}');
  });

  it('of the same id, the later one stays', async () => {
    const writes = new ArtifactWrites(database);
    const id = randomBytes(32);
    await Promise.all(['first', 'second', 'third'].map((payload) => writes.save(row(id, payload))));
    expect(await payloadOf(id)).toBe('third');
  });
});
