import { FirekeepError } from '../../platform/errors/index.js';
import { loadDefinitions } from '../definitions/index.js';
import { PageTokens } from './page-token.js';
import { parseSearch } from './parse-search.js';
import type { SearchParameterPair } from './parse-search.js';
import { searchLinks } from './search-links.js';

const alice = { base: 'https://fhir.example.org/r4', subject: 'alice', client: 'app' };
const url = `${alice.base}/Patient`;
const position = ['values', '$', 'Müller', 42];
const tokens = new PageTokens(Buffer.alloc(32, 7));

function parse(parameters: readonly SearchParameterPair[], types = ['Patient']) {
  return parseSearch({
    repository: 'default',
    types,
    parameters,
    handling: 'lenient',
    definitions: loadDefinitions(),
    bases: [alice.base],
    zone: 'UTC',
  });
}

const parameters: SearchParameterPair[] = [
  ['name', 'a & b=c+ü|d'],
  ['_sort', 'name'],
  ['frob', 'x'],
];

/** The parameters of a link, as a client sends them back. */
function parametersOf(link: string): SearchParameterPair[] {
  return [...new URL(link).searchParams];
}

function nextOf(from = parameters): SearchParameterPair[] {
  const { next } = searchLinks(url, parse(from), { next: position }, tokens, alice);
  return parametersOf(next ?? '');
}

function statusOf(action: () => unknown): number | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof FirekeepError) return error.status;
    throw error;
  }
}

test('self names what was applied, next repeats it with the position', () => {
  const { self, next } = searchLinks(url, parse(parameters), { next: position }, tokens, alice);
  expect(self).toBe(`${url}?name=a%20%26%20b%3Dc%2B%C3%BC%7Cd&_sort=name`);
  expect(next?.startsWith(`${self}&_page=`)).toBe(true);
  expect(searchLinks(url, parse(parameters), { next: null }, tokens, alice).next).toBeUndefined();
});

test('following the next link continues behind the position', () => {
  const query = tokens.resume(parse(nextOf()), alice);
  expect(query.after).toEqual(position);
  expect(query.filter).toEqual(parse(parameters).query.filter);
});

test('following the previous link ends before the position', () => {
  const { previous } = searchLinks(url, parse(parameters), { next: null, previous: position }, tokens, alice);
  const query = tokens.resume(parse(parametersOf(previous ?? '')), alice);
  expect([query.before, query.after]).toEqual([position, undefined]);
});

test('a request without a token starts at the front', () => {
  expect(tokens.resume(parse(parameters), alice).after).toBeUndefined();
});

test('a token works in another process with the same key, and not with another', () => {
  const next = nextOf();
  expect(new PageTokens(Buffer.alloc(32, 7)).resume(parse(next), alice).after).toEqual(position);
  expect(statusOf(() => new PageTokens(Buffer.alloc(32, 8)).resume(parse(next), alice))).toBe(400);
});

test('a page size may change from page to page', () => {
  const next: SearchParameterPair[] = [...nextOf(), ['_count', '3']];
  expect(tokens.resume(parse(next), alice)).toMatchObject({ after: position, count: 3 });
});

test.each([
  { ...alice, subject: 'mallory' },
  { ...alice, client: 'other' },
  { ...alice, base: 'https://fhir.example.org/other' },
  { base: alice.base, subject: 'aliceapp', client: '' },
])('is refused for another caller: %j', (binding) => {
  expect(statusOf(() => tokens.resume(parse(nextOf()), binding))).toBe(403);
});

test('a slash at the end of the base makes no difference', () => {
  expect(tokens.resume(parse(nextOf()), { ...alice, base: `${alice.base}/` }).after).toEqual(position);
});

test('is refused for another search', () => {
  const page = nextOf().at(-1)!;
  expect(statusOf(() => tokens.resume(parse([['name', 'b'], page]), alice))).toBe(400);
  expect(statusOf(() => tokens.resume(parse([page]), alice))).toBe(400);
  expect(
    statusOf(() =>
      tokens.resume(
        parse(
          nextOf().map((pair) => pair),
          ['Practitioner'],
        ),
        alice,
      ),
    ),
  ).toBe(400);
});

test('any change of a character is refused', () => {
  const token = nextOf().at(-1)![1];
  for (let at = 0; at < token.length; at++) {
    // The last character may hold unused bits of base64: only changes of the bytes count.
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    if (Buffer.from(changed, 'base64url').equals(Buffer.from(token, 'base64url'))) continue;
    const next: SearchParameterPair[] = [...parameters, ['_page', changed]];
    expect(statusOf(() => tokens.resume(parse(next), alice))).toBe(400);
  }
});

test.each(['', 'x', 'AAAA', '%', 'A'.repeat(20_000), token16()])('rubbish is refused: %#', (token) => {
  const next: SearchParameterPair[] = [...parameters, ['_page', token === '' ? '-' : token]];
  expect(statusOf(() => tokens.resume(parse(next), alice))).toBe(400);
});

test('values of the position do not stand in the link', () => {
  const token = nextOf().at(-1)![1];
  expect(Buffer.from(token, 'base64url').includes('Müller')).toBe(false);
});

function token16(): string {
  return Buffer.alloc(61, 1).toString('base64url');
}
