import { GuessThrottle, network, type Attempt } from './guess-throttle.js';

const generation = 1;
let now: number;
let throttle: GuessThrottle;

beforeEach(() => {
  now = 1_000_000;
  throttle = new GuessThrottle(() => now);
});

function fail(attempt: Attempt, times = 1): void {
  for (let time = 0; time < times; time++) throttle.begin(attempt).failed();
}

describe('GuessThrottle', () => {
  test('one account guessed from many addresses is slowed down for all of them, longer with each failure', () => {
    for (let host = 1; host <= 10; host++) fail({ subject: 'alice', address: `192.0.2.${host}`, generation });
    const elsewhere = { subject: 'alice', address: '198.51.100.1', generation };
    expect(throttle.wait(elsewhere)).toBe(1);
    now += 1000;
    expect(throttle.wait(elsewhere)).toBe(0);
    fail(elsewhere);
    expect(throttle.wait(elsewhere)).toBe(2);
    expect(throttle.wait({ ...elsewhere, subject: 'bob' })).toBe(0);
  });

  test('the wait ends after five minutes at the most', () => {
    const attempt = { subject: 'alice', address: '192.0.2.1', generation };
    for (let host = 0; host < 200; host++) fail({ ...attempt, address: `10.0.0.${host}` });
    expect(throttle.wait({ ...attempt, address: '198.51.100.1' })).toBe(300);
  });

  test('many accounts guessed from one address slow the address down, and no other', () => {
    for (let name = 0; name < 20; name++) fail({ subject: `user${name}`, address: '192.0.2.1', generation });
    expect(throttle.wait({ subject: 'nobody', address: '192.0.2.1', generation })).toBeGreaterThan(0);
    expect(throttle.wait({ subject: 'nobody', address: '192.0.2.2', generation })).toBe(0);
  });

  test('an account under attack still opens from an address with a recent success', () => {
    const owner = { subject: 'alice', address: '203.0.113.5', generation };
    throttle.begin(owner).succeeded();
    for (let host = 1; host <= 100; host++)
      fail({ subject: 'alice', address: `192.0.2.${host}`, generation });
    expect(throttle.wait({ ...owner, address: '203.0.113.6' })).toBeGreaterThan(0);
    expect(throttle.wait(owner)).toBe(0);
    fail(owner, 9);
    expect(throttle.wait(owner)).toBe(0);
    fail(owner);
    expect(throttle.wait(owner)).toBe(1);
  });

  test('trust in an address ends with the password', () => {
    const thief = { subject: 'alice', address: '203.0.113.5', generation };
    throttle.begin(thief).succeeded();
    for (let host = 1; host <= 20; host++)
      fail({ subject: 'alice', address: `192.0.2.${host}`, generation: 2 });
    expect(throttle.wait({ ...thief, generation: 2 })).toBeGreaterThan(0);
  });

  test('an attacker with an account of his own does not wipe out his failures by logging in', () => {
    const address = '192.0.2.1';
    for (let name = 0; name < 20; name++) {
      fail({ subject: `user${name}`, address, generation });
      throttle.begin({ subject: 'mallory', address, generation }).succeeded();
    }
    expect(throttle.wait({ subject: 'alice', address, generation })).toBeGreaterThan(0);
  });

  test('guesses at the same time do not slip through together', () => {
    const attempt = { subject: 'alice', address: '192.0.2.1', generation };
    const guesses = Array.from({ length: 10 }, () => throttle.begin(attempt));
    expect(throttle.wait(attempt)).toBe(1);
    for (const guess of guesses) guess.failed();
    now += 1000;
    expect(throttle.wait(attempt)).toBe(0);
    throttle.begin(attempt);
    expect(throttle.wait(attempt)).toBe(1);
  });

  test('many people behind one address can log in at the same time', () => {
    const guesses = Array.from({ length: 39 }, (_, index) => {
      const attempt = { subject: `user${index}`, address: '192.0.2.1', generation };
      expect(throttle.wait(attempt)).toBe(0);
      return throttle.begin(attempt);
    });
    for (const guess of guesses) guess.succeeded();
    expect(throttle.wait({ subject: 'other', address: '192.0.2.1', generation })).toBe(0);
  });

  test('failures are forgotten after an hour', () => {
    const attempt = { subject: 'alice', address: '192.0.2.1', generation };
    fail(attempt, 30);
    now += 60 * 60_000;
    fail(attempt);
    expect(throttle.wait(attempt)).toBe(0);
  });

  test('what was abandoned does not count', () => {
    const attempt = { subject: 'alice', address: '192.0.2.1', generation };
    for (let time = 0; time < 50; time++) throttle.begin(attempt).abandoned();
    expect(throttle.wait(attempt)).toBe(0);
  });
});

describe('network', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, expected) => expect(network(address)).toBe(expected));
});
