import { createHash, randomBytes } from 'node:crypto';
import type { PasswordHasher } from '../users/index.js';
import { ClientSecrets } from './client-secrets.js';

const sha256 = (...parts: readonly (string | Buffer)[]): string => {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest('base64url');
};

/** What Argon2id does, by the letter, and how often it was asked. */
class Hasher {
  isFull = false;
  asked = 0;
  hash = (secret: string): Promise<string> => Promise.resolve(`slow ${secret}`);
  verify = (stored: string, secret: string): Promise<boolean> => {
    this.asked++;
    return Promise.resolve(stored === `slow ${secret}`);
  };
}

describe('a secret that was generated', () => {
  const secrets = new ClientSecrets(new Hasher() as unknown as PasswordHasher);
  const verify = (hash: string | undefined, secret: string): Promise<boolean> =>
    secrets.verify('app', hash, secret, '192.0.2.1');

  it('has 256 bits, and is told from every other', async () => {
    const { secret, hash } = secrets.generate();
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(await verify(hash, secret)).toBe(true);
    expect(await verify(hash, `${secret}A`)).toBe(false);
    expect(await verify(hash, secret.slice(0, -1))).toBe(false);
    expect(await verify(hash, secrets.generate().secret)).toBe(false);
    expect(await verify(secrets.generate().hash, secret)).toBe(false);
  });

  it('is kept as a hash with a salt of its own of 128 bits', () => {
    const { secret, hash } = secrets.generate();
    const [kind, salt = '', digest] = hash.split('$');
    expect(kind).toBe('sha256');
    expect(Buffer.from(salt, 'base64url')).toHaveLength(16);
    expect(digest).toBe(sha256(Buffer.from(salt, 'base64url'), secret));
    expect(digest).not.toBe(sha256(secret));
    const salts = Array.from({ length: 50 }, () => secrets.generate().hash.split('$')[1]);
    expect(new Set(salts).size).toBe(50);
  });

  it('is not found by a hash without its salt, or with another', async () => {
    const secret = 'a'.repeat(43);
    const salt = randomBytes(16);
    const other = randomBytes(16).toString('base64url');
    expect(await verify(`sha256$${salt.toString('base64url')}$${sha256(salt, secret)}`, secret)).toBe(true);
    expect(await verify(`sha256$${salt.toString('base64url')}$${sha256(secret)}`, secret)).toBe(false);
    expect(await verify(`sha256$${other}$${sha256(salt, secret)}`, secret)).toBe(false);
    expect(await verify(`sha256$$${sha256(salt, secret)}`, secret)).toBe(false);
  });

  it('is never right where nothing, or half of a hash, is stored', async () => {
    for (const hash of [undefined, 'sha256$', 'sha256$$', 'sha256$AAAA', 'sha256$AAAA$']) {
      expect(await verify(hash, 'secret')).toBe(false);
      expect(await verify(hash, '')).toBe(false);
    }
    expect(await verify(`sha256$$${sha256('')}`, '')).toBe(false);
  });

  it('of more than 1024 characters is refused unread', async () => {
    const salt = randomBytes(16);
    const hashOf = (secret: string): string => `sha256$${salt.toString('base64url')}$${sha256(salt, secret)}`;
    expect(await verify(hashOf('x'.repeat(1024)), 'x'.repeat(1024))).toBe(true);
    expect(await verify(hashOf('x'.repeat(1025)), 'x'.repeat(1025))).toBe(false);
  });
});

describe('a secret that a person chose', () => {
  it('is hashed slowly, and a right one once', async () => {
    const hasher = new Hasher();
    const secrets = new ClientSecrets(hasher as unknown as PasswordHasher);
    const stored = await secrets.hash('chosen');
    expect(stored).toBe('slow chosen');
    for (let round = 0; round < 3; round++) {
      expect(await secrets.verify('app', stored, 'chosen', '192.0.2.1')).toBe(true);
    }
    expect(hasher.asked).toBe(1);
    expect(await secrets.verify('app', 'slow changed', 'chosen', '192.0.2.1')).toBe(false);
    expect(hasher.asked).toBe(2);
  });

  it('that is wrong is asked for again each time, and throttled by its place', async () => {
    const hasher = new Hasher();
    const secrets = new ClientSecrets(hasher as unknown as PasswordHasher);
    const guess = (address: string | undefined, secret = 'wrong'): Promise<boolean> =>
      secrets.verify('app', 'slow right', secret, address);
    const outcomes: unknown[] = [];
    for (let round = 0; round < 40; round++) {
      outcomes.push(await guess('192.0.2.1').catch((error: unknown) => (error as { code: string }).code));
    }
    expect(outcomes.slice(0, 3)).toEqual([false, false, false]);
    expect(outcomes.at(-1)).toBe('CLIENTS_THROTTLED');
    await expect(guess('192.0.2.1', 'right')).rejects.toMatchObject({ code: 'CLIENTS_THROTTLED' });
    expect(hasher.asked).toBeLessThan(40);
    // The server itself asks without an address, and is not held up.
    expect(await guess(undefined)).toBe(false);
  });

  it('is one guess for those who ask at the same time from one place', async () => {
    const hasher = new Hasher();
    const secrets = new ClientSecrets(hasher as unknown as PasswordHasher);
    const ask = (address: string): Promise<boolean> => secrets.verify('app', 'slow right', 'wrong', address);
    await Promise.all(Array.from({ length: 5 }, () => ask('192.0.2.1')));
    expect(hasher.asked).toBe(1);
    await Promise.all([ask('192.0.2.2'), ask('192.0.2.3')]);
    expect(hasher.asked).toBe(3);
  });

  it('is not looked at while there is no room to hash it', async () => {
    const hasher = new Hasher();
    const secrets = new ClientSecrets(hasher as unknown as PasswordHasher);
    hasher.isFull = true;
    await expect(secrets.verify('app', 'slow right', 'right', '192.0.2.1')).rejects.toMatchObject({
      code: 'CLIENTS_THROTTLED',
      retryAfter: 1,
    });
    expect(hasher.asked).toBe(0);
    hasher.isFull = false;
    expect(await secrets.verify('app', 'slow right', 'right', '192.0.2.1')).toBe(true);
  });
});
