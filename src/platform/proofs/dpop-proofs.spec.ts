import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { Settings } from '../config/index.js';
import type { SecretBox } from '../crypto/index.js';
import { DpopNonces } from './dpop-nonces.js';
import { DpopProofs } from './dpop-proofs.js';
import type { SeenProofs } from './seen-proofs.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
const jwk = { crv, kty, x, y };
const expected = {
  method: 'GET',
  url: 'https://fhir.example.org/fhir/r4/Patient',
  token: 'token',
  thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url'),
};
const iat = 1_800_000_000;
const now = iat * 1000;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function proof(more: object = {}): string {
  const ath = createHash('sha256').update('token').digest('base64url');
  const claims = { htm: 'GET', htu: expected.url, iat, jti: 'one', ath, ...more };
  const input = `${encode({ alg: 'ES256', typ: 'dpop+jwt', jwk })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** A memory that forgets as the purge does: what expired by the clock. */
class Memory {
  readonly known = new Map<string, number>();

  take(thumbprint: string, jti: string, expiresAt: number): Promise<boolean> {
    const key = `${thumbprint} ${jti}`;
    if (this.known.has(key)) return Promise.resolve(false);
    this.known.set(key, expiresAt);
    return Promise.resolve(true);
  }

  purge(time: number): void {
    for (const [key, expiresAt] of this.known) if (expiresAt <= time) this.known.delete(key);
  }
}

const secretBox = { derive: () => Buffer.alloc(32, 7) } as unknown as SecretBox;
function proofs(dpopNonce = false): {
  memory: Memory;
  check: (text: string, time?: number) => Promise<unknown>;
} {
  const memory = new Memory();
  const checks = new DpopProofs(memory as unknown as SeenProofs, Settings.of({ dpopNonce }), secretBox);
  return { memory, check: (text, time = now) => checks.check(text, expected, time) };
}

describe('a proof of possession', () => {
  it('is good once', async () => {
    const { check } = proofs();
    expect(await check(proof())).toBeUndefined();
    expect(await check(proof())).toMatchObject({
      error: 'invalid_dpop_proof',
      actual: 'a jti that came before',
    });
    expect(await check(proof({ jti: 'two' }))).toBeUndefined();
  });

  it('is remembered for as long as it would be good, whichever clock is ahead', async () => {
    for (const first of [now - 60_000, now, now + 60_000]) {
      const { check, memory } = proofs();
      expect(await check(proof(), first)).toBeUndefined();
      for (const later of [first, now, now + 59_000, now + 60_000]) {
        if (later < first) continue;
        memory.purge(later);
        expect(await check(proof(), later)).toMatchObject({ error: 'invalid_dpop_proof' });
      }
      memory.purge(now + 120_000);
      expect(memory.known.size).toBe(0);
    }
  });

  it('counts as used only where it is good', async () => {
    const { check, memory } = proofs();
    await check(proof({ htm: 'POST' }));
    expect(await check(proof(), now + 61_000)).toMatchObject({ error: 'invalid_dpop_proof' });
    expect(await check('nonsense')).toMatchObject({ error: 'invalid_dpop_proof' });
    expect(memory.known.size).toBe(0);
    expect(await check(proof())).toBeUndefined();
  });

  it.each([
    [-61, false],
    [-60.001, false],
    [-60, true],
    [60, true],
    [60.001, false],
    [61, false],
  ])('that is %d seconds from the clock is good: %s', async (seconds, good) => {
    const outcome = await proofs().check(proof(), now + seconds * 1000);
    expect(outcome === undefined).toBe(good);
  });

  it('needs a nonce of this server where the setting says so, and is used up only with one', async () => {
    const { check, memory } = proofs(true);
    const nonces = new DpopNonces(Buffer.alloc(32, 7));
    const asked = await check(proof());
    expect(asked).toMatchObject({ error: 'use_dpop_nonce', actual: 'a proof without a nonce' });
    expect(nonces.isGood((asked as { nonce: string }).nonce)).toBe(true);
    expect(await check(proof({ nonce: 'made up' }))).toMatchObject({
      error: 'use_dpop_nonce',
      actual: 'a nonce that is too old',
    });
    expect(memory.known.size).toBe(0);
    const { nonce } = asked as { nonce: string };
    expect(await check(proof({ nonce }))).toBeUndefined();
    expect(await check(proof({ nonce }))).toMatchObject({ error: 'invalid_dpop_proof' });
  });
});

describe('a nonce', () => {
  const secret = Buffer.alloc(32, 1);
  const at = (seconds: number): DpopNonces => new DpopNonces(secret, () => seconds * 1000);

  it('is the same in every process of the same secret, and no other’s', () => {
    expect(at(600).next()).toBe(at(601).next());
    expect(at(600).next()).not.toBe(at(660).next());
    expect(new DpopNonces(Buffer.alloc(32, 2), () => 600_000).isGood(at(600).next())).toBe(false);
  });

  it.each([
    [-120, false],
    [-61, false],
    [-60, true],
    [0, true],
    [60, true],
    [180, true],
    [239, true],
    [240, false],
  ])('is looked at %d seconds after it was given, and is good: %s', (seconds, good) => {
    expect(at(600 + seconds).isGood(at(600).next())).toBe(good);
  });

  it('is given for the minute to come, so that it is good for longer than it is given', () => {
    expect(at(600).next()).toBe('aoKrEkxjebm4fq7_9Zv5WuIU7wOvf23DepPJxddrrAs');
  });

  it('of another length is none', () => {
    expect(at(600).isGood('')).toBe(false);
    expect(at(600).isGood(`${at(600).next()}A`)).toBe(false);
  });
});
