import { PasswordHasher } from './password-hasher.js';

describe('PasswordHasher', () => {
  test('hashes by Argon2id with 19 MiB, two passes and one lane, each with a salt of its own', async () => {
    const hasher = new PasswordHasher();
    const [one, other] = await Promise.all([hasher.hash('a password'), hasher.hash('a password')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(other).not.toBe(one);
    expect(await hasher.verify(one, 'a password')).toBe(true);
    expect(await hasher.verify(one, 'A password')).toBe(false);
  });

  test('where there is nothing to compare with, it compares all the same and says no', async () => {
    expect(await new PasswordHasher().verify(undefined, 'a password')).toBe(false);
  });

  test('what waits is bounded, and everyone in the queue is served', async () => {
    const hasher = new PasswordHasher();
    const stored = await hasher.hash('a password');
    const answers: Promise<boolean>[] = [];
    while (!hasher.isFull && answers.length < 1000) answers.push(hasher.verify(stored, 'a password'));
    expect(answers.length).toBeLessThan(100);
    expect(await Promise.all(answers)).toEqual(answers.map(() => true));
    expect(hasher.isFull).toBe(false);
  });
});
