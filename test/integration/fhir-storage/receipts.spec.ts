import { createHash } from 'node:crypto';
import type { WriteReceipt, WriteUnit } from '../../../src/fhir/storage/ports.js';
import { databases } from '../../kit/databases.js';
import { byToken, create, found, openStore, put, token, type StoreFixture } from '../../kit/fhir-store.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const receipt = (key: string, request = key): WriteReceipt<string> => ({
  key: digest(key),
  request: digest(request),
  lifetime: 60_000,
  encode: (result) => result,
  decode: (text) => `again ${text}`,
});

describe.each(databases)('receipts on $name', ({ create: createDatabase }) => {
  let fixture: StoreFixture;
  let other: StoreFixture;
  beforeAll(async () => {
    fixture = await openStore(await createDatabase());
    other = await fixture.second();
  });
  afterAll(async () => {
    await other.close();
    await fixture.close();
  });

  const creating = (id: string, key: string): WriteUnit<string> => ({
    ...create('Basic', id, [token('identifier', key)]),
    receipt: receipt(key),
  });

  test('of equal units of two processes one writes, and all answer what it answered', async () => {
    const units = Array.from({ length: 30 }, (_, n) => creating(`both-${n}`, 'both'));
    const answers = await Promise.all(
      units.map((unit, n) => (n % 2 === 0 ? fixture : other).store.commit(unit)),
    );
    const ids = await found(fixture.store, byToken('Basic', 'identifier', 'both'));
    expect(ids).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.replace('again ', '')))).toEqual(new Set(ids));
    expect(answers.filter((answer) => !answer.startsWith('again'))).toHaveLength(1);
  });

  test('a unit that fails leaves no receipt, and those beside it keep theirs', async () => {
    const failing = { ...put('Basic', 'never', { expected: 5 }), receipt: failingReceipt };
    const results = await Promise.allSettled([
      fixture.store.commit(failing),
      fixture.store.commit(creating('beside', 'beside')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    await expect(fixture.store.commit(failing)).rejects.toThrow('version is 0');
    expect(await other.store.commit(creating('beside-2', 'beside'))).toBe('again beside');
  });

  test('the same key for another request is refused', async () => {
    await fixture.store.commit(creating('mine', 'mine'));
    const foreign = { ...create('Basic', 'foreign'), receipt: receipt('mine', 'something else') };
    await expect(fixture.store.commit(foreign)).rejects.toMatchObject({
      code: 'FHIR_IDEMPOTENCY_KEY_REUSED',
    });
    expect(await fixture.store.read('default', 'Basic', 'foreign')).toBeUndefined();
  });

  test('an answer that is too long to be kept ends the unit, and nothing of it is stored', async () => {
    const long = { ...receipt('long'), encode: () => 'x'.repeat(5 * 1024 * 1024) };
    const unit = { ...create('Basic', 'long'), receipt: long };
    await expect(fixture.store.commit(unit)).rejects.toMatchObject({
      code: 'FHIR_IDEMPOTENCY_ANSWER_TOO_LARGE',
    });
    expect(await fixture.store.read('default', 'Basic', 'long')).toBeUndefined();
  });

  test('a receipt that has expired counts for nothing', async () => {
    const short = (id: string): WriteUnit<string> => ({
      ...create('Basic', id),
      receipt: { ...receipt('short'), lifetime: 0 },
    });
    expect(await fixture.store.commit(short('short-1'))).toBe('short-1');
    expect(await fixture.store.commit(short('short-2'))).toBe('short-2');
  });
});

const failingReceipt: WriteReceipt<number> = {
  ...receipt('failing'),
  encode: String,
  decode: Number,
};
