import type { SearchExpression } from '../query.js';
import { matchesFilter } from './resource-matcher.js';

const reference = {
  type: 'reference',
  targetType: 'Patient',
  targetId: '1',
  targetVersion: null,
  url: null,
  canonicalVersion: null,
  identifier: null,
} as const;
const resource = { id: 'a', lastUpdated: 0, values: [{ code: 'subject', values: [reference] }] };

const yes: SearchExpression = { kind: 'id', ids: ['a'] };
const no: SearchExpression = { kind: 'id', ids: ['b'] };
const has: SearchExpression = { kind: 'has', type: 'Provenance', code: 'target', operand: yes };
const chain = (target: string): SearchExpression => ({
  kind: 'chain',
  code: 'subject',
  targets: [target],
  operand: yes,
});
const or = (...operands: SearchExpression[]): SearchExpression => ({ kind: 'or', operands });

test.each([
  ['a chain along a reference that is there', [chain('Patient')], undefined],
  ['a chain along a reference to no such type', [chain('Group')], false],
  ['the opposite of it', [{ kind: 'not', operand: chain('Group') }], true],
  ['_has', [has], undefined],
  ['the opposite of it', [{ kind: 'not', operand: has }], undefined],
  ['what holds, and what others decide', [yes, has], undefined],
  ['what does not hold, and what others decide', [has, no], false],
  ['what holds, or what others decide', [or(has, yes)], true],
  ['what does not hold, or what others decide', [or(no, has)], undefined],
  ['neither of two', [or(no, no)], false],
] as [string, SearchExpression[], boolean | undefined][])('%s', (_, filter, expected) => {
  expect(matchesFilter(resource, filter)).toBe(expected);
});
