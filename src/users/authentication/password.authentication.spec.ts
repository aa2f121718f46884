import { SecretBox } from '../../platform/crypto/index.js';
import type { Account, AccountCache } from '../accounts/account-cache.js';
import type { CurrentAccounts } from '../accounts/current-accounts.js';
import { PasswordAuthentication } from './password.authentication.js';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import type { SharedGuesses } from './shared-guesses.js';
import type { SourceSignIn } from './source-sign-in.js';

const here = { address: '192.0.2.1' };
const there = { address: '198.51.100.7' };

let account: Account;
let hashed: (string | undefined)[];
let isFull: boolean;
let authentication: PasswordAuthentication;

beforeEach(() => {
  const user = {
    id: 1,
    username: 'alice',
    roles: ['practitioner'],
    fhirUser: null,
    enabled: true,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    ...{ source: null, sourceId: null, sourceActive: null, sourceCheckedAt: null },
  };
  account = { user, passwordHash: 'right', credentialGeneration: 1 };
  hashed = [];
  isFull = false;
  const accounts = { find: (name: string) => Promise.resolve(name === 'alice' ? account : undefined) };
  const hasher = {
    get isFull() {
      return isFull;
    },
    verify: (stored: string | undefined, password: string) => {
      hashed.push(stored);
      return Promise.resolve(stored === password);
    },
  };
  const nothing = () => Promise.resolve();
  const shared = {
    isTrusted: () => Promise.resolve(false),
    take: () => Promise.resolve({ succeeded: nothing, failed: nothing, abandoned: nothing }),
  };
  authentication = new PasswordAuthentication(
    accounts as unknown as AccountCache,
    hasher as unknown as PasswordHasher,
    shared as unknown as SharedGuesses,
    { isUsed: false, shortestAge: Infinity } as unknown as SourceSignIn,
    { of: ({ user }: Account) => user } as unknown as CurrentAccounts,
    new SecretBox(Buffer.alloc(32)),
  );
});

describe('PasswordAuthentication', () => {
  test('the right password is hashed once and then known for a while', async () => {
    for (let time = 0; time < 5; time++) {
      expect(await authentication.verify('alice', 'right', here)).toEqual({ ok: true, user: account.user });
    }
    expect(hashed).toEqual(['right']);
  });

  test('the same credentials at the same time are one guess', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => authentication.verify('alice', 'right', here)),
    );
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(hashed).toHaveLength(1);
  });

  test('a new password forgets the old one, also where another node set it', async () => {
    await authentication.verify('alice', 'right', here);
    account = { ...account, passwordHash: 'newer', credentialGeneration: 2 };
    expect(await authentication.verify('alice', 'right', here)).toMatchObject({ reason: 'wrong-password' });
    expect(await authentication.verify('alice', 'newer', here)).toMatchObject({ ok: true });
  });

  test('a user who was disabled is refused although the password is known', async () => {
    await authentication.verify('alice', 'right', here);
    account = { ...account, user: { ...account.user, enabled: false } };
    expect(await authentication.verify('alice', 'right', here)).toEqual({
      ...{ ok: false, reason: 'disabled', username: 'alice', mark: null },
    });
  });

  test('an unknown user costs the same hash as a known one, and so does a name that nobody can have', async () => {
    expect(await authentication.verify('nobody', 'right', here)).toMatchObject({ reason: 'unknown-user' });
    expect(await authentication.verify('no:body', 'right', here)).toMatchObject({ reason: 'unknown-user' });
    expect(await authentication.verify('', 'right', here)).toMatchObject({ ok: false });
    expect(hashed).toEqual([undefined, undefined]);
  });

  test('a name that no account has, and may be a password, is not given back, but a mark of it', async () => {
    const marks = [];
    for (const typed of ['correct-horse', 'correct-horse', 'correct horse', 'x'.repeat(100)]) {
      const refused = await authentication.verify(typed, 'right', here);
      expect(JSON.stringify(refused)).not.toContain(typed);
      expect(refused).toMatchObject({
        ok: false,
        username: null,
        mark: expect.stringMatching(/^[0-9a-f]{6}$/),
      });
      marks.push((refused as { mark?: string }).mark);
    }
    expect(marks[0]).toBe(marks[1]);
    expect(new Set(marks).size).toBe(3);
    expect(await authentication.verify('alice', 'wrong', here)).toMatchObject({
      username: 'alice',
      mark: null,
    });
  });

  test('a password of megabytes is refused unhashed, whoever the user', async () => {
    for (const [name, reason] of [
      ['alice', 'wrong-password'],
      ['nobody', 'unknown-user'],
    ] as const) {
      expect(await authentication.verify(name, 'x'.repeat(1_000_000), here)).toMatchObject({
        ok: false,
        reason,
      });
    }
    expect(hashed).toEqual([]);
  });

  test('an old password that is sent over and over costs one guess', async () => {
    for (let time = 0; time < 100; time++) {
      expect(await authentication.verify('alice', 'old', here)).toMatchObject({ reason: 'wrong-password' });
    }
    expect(hashed).toHaveLength(1);
    expect(await authentication.verify('alice', 'right', here)).toMatchObject({ ok: true });
  });

  test('guessing is slowed down, for unknown users just as for known ones', async () => {
    for (const name of ['alice', 'nobody']) {
      const reasons: (string | undefined)[] = [];
      for (let guess = 0; guess < 12; guess++) {
        const answer = await authentication.verify(name, `guess ${guess}`, { address: `10.0.${guess}.1` });
        reasons.push(answer.ok ? 'ok' : answer.reason);
      }
      expect(reasons.slice(9, 12)).toEqual([
        expect.not.stringMatching('throttled'),
        'throttled',
        'throttled',
      ]);
    }
  });

  test('while an account is guessed at, the right password works where it worked before, and only there', async () => {
    expect(await authentication.verify('alice', 'right', there)).toMatchObject({ ok: true });
    for (let guess = 0; guess < 12; guess++) await authentication.verify('alice', `guess ${guess}`, here);
    expect(await authentication.verify('alice', 'right', there)).toMatchObject({ ok: true });
    // Else a guess at a password that is in use would be answered without the back-off.
    expect(await authentication.verify('alice', 'right', here)).toMatchObject({
      reason: 'throttled',
      retryAfter: expect.any(Number),
    });
  });

  test('many guesses at once are not many more than one after another', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, guess) => authentication.verify('alice', `guess ${guess}`, here)),
    );
    expect(hashed.length).toBeLessThanOrEqual(10);
    expect(answers.filter((answer) => !answer.ok && answer.reason === 'throttled').length).toBeGreaterThan(
      180,
    );
  });

  test('where too many wait already, the caller is sent away for a moment, and not blamed', async () => {
    isFull = true;
    for (let time = 0; time < 30; time++) {
      expect(await authentication.verify('alice', `right${time}`, here)).toMatchObject({
        reason: 'throttled',
      });
    }
    isFull = false;
    expect(await authentication.verify('alice', 'right', here)).toMatchObject({ ok: true });
  });

  test('composed and decomposed characters are the same password', async () => {
    account = { ...account, passwordHash: 'pässword'.normalize('NFC') };
    expect(await authentication.verify('alice', 'pässword'.normalize('NFD'), here)).toMatchObject({
      ok: true,
    });
  });
});
