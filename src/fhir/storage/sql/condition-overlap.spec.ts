import type { ParameterValues } from '../../search/index-values.js';
import type { SearchExpression, SearchQuery } from '../../search/query.js';
import type { PlannedWrite } from '../ports.js';
import { mayChange } from './condition-overlap.js';

const query = (...filter: SearchExpression[]): SearchQuery => ({
  repository: 'r',
  types: ['Patient'],
  filter,
  sort: [],
  count: 2,
  total: 'none',
});
const identifier = (code: string, system: string | null | undefined = 'urn:s'): SearchExpression => ({
  kind: 'parameter',
  code: 'identifier',
  type: 'token',
  anyOf: [{ type: 'token', system, code }],
});
const write = (code: string, more: Partial<PlannedWrite> = {}): PlannedWrite => ({
  kind: 'create',
  type: 'Patient',
  id: 'new',
  version: 1,
  lastUpdated: 0,
  content: Buffer.alloc(0),
  method: 'POST',
  values: [
    {
      code: 'identifier',
      values: [{ type: 'token', system: 'urn:s', code, text: null, caseSensitive: true }],
    },
  ] satisfies ParameterValues[],
  ...more,
});
const changes = (condition: SearchQuery, planned: PlannedWrite, found: string[] = []): boolean =>
  mayChange({ query: condition, matches: found.map((id) => ({ type: 'Patient', id })) }, planned);

test('a resource with the wanted identifier may match', () => {
  expect(changes(query(identifier('1')), write('1'))).toBe(true);
  expect(changes(query(identifier('1', undefined)), write('1'))).toBe(true);
  expect(changes(query(identifier('a')), write('A'))).toBe(true);
});

test('a resource with another identifier, system or type does not match', () => {
  expect(changes(query(identifier('1')), write('2'))).toBe(false);
  expect(changes(query(identifier('1', 'urn:other')), write('1'))).toBe(false);
  expect(changes(query(identifier('1')), write('1', { type: 'Group' }))).toBe(false);
  expect(changes(query(identifier('1')), write('1', { values: [] }))).toBe(false);
});

test('a write to a match changes what was found, whatever its values', () => {
  expect(changes(query(identifier('1')), write('2', { id: 'found' }), ['found'])).toBe(true);
  const deletion = { kind: 'delete', type: 'Patient', id: 'found', version: 2, lastUpdated: 0 } as const;
  expect(changes(query(identifier('1')), deletion, ['found'])).toBe(true);
  expect(changes(query(identifier('1')), deletion, ['other'])).toBe(false);
});

test('what cannot be decided from the values counts as a change', () => {
  const string: SearchExpression = {
    kind: 'parameter',
    code: 'identifier',
    type: 'string',
    anyOf: [{ type: 'string', match: 'starts', text: 'x' }],
  };
  expect(changes(query(string), write('1'))).toBe(true);
  expect(changes(query({ kind: 'not', operand: identifier('1') }), write('1'))).toBe(true);
  const modified = { ...identifier('2'), modifier: 'not-in' } as unknown as SearchExpression;
  expect(changes(query(modified), write('1'))).toBe(true);
  const chained = { kind: 'chain' } as unknown as SearchExpression;
  expect(changes(query(chained), write('1', { type: 'Organization' }))).toBe(true);
});

test('all operands of an "or" must be out of the question, one of an "and" is enough', () => {
  const operands = [identifier('1'), identifier('2')];
  expect(changes(query({ kind: 'or', operands }), write('2'))).toBe(true);
  expect(changes(query({ kind: 'and', operands }), write('2'))).toBe(false);
  expect(changes(query({ kind: 'id', ids: ['new'] }), write('2'))).toBe(true);
  expect(changes(query({ kind: 'id', ids: ['old'] }), write('2'))).toBe(false);
  expect(changes(query({ kind: 'present', code: 'identifier', type: 'token' }), write('2'))).toBe(true);
  expect(changes(query({ kind: 'present', code: 'name', type: 'string' }), write('2'))).toBe(false);
});
