import { accessTo, restricted } from './access-filter.js';
import type { SearchAccess, SearchExpression, SearchQuery } from './query.js';

const everything: SearchExpression = { kind: 'and', operands: [] };
const nothing: SearchExpression = { kind: 'or', operands: [] };
const own: SearchExpression = { kind: 'id', ids: ['own'] };
const access: SearchAccess = { byType: new Map([['Patient', own]]), others: nothing };

const query = (filter: SearchExpression[], types = ['Observation']): SearchQuery => ({
  repository: 'default',
  types,
  filter,
  sort: [],
  count: 20,
  total: 'none',
  access,
});

const both = (...operands: SearchExpression[]): SearchExpression => ({ kind: 'and', operands });

describe('accessTo', () => {
  test('is the expression of the type, or that of the others', () => {
    expect(accessTo(access, ['Patient'])).toBe(own);
    expect(accessTo(access, ['Observation'])).toBe(nothing);
  });

  test('names the types where they differ, and does not where they agree', () => {
    expect(accessTo(access, ['Observation', 'Condition'])).toBe(nothing);
    expect(accessTo(access, ['Patient', 'Observation', 'Condition'])).toEqual({
      kind: 'or',
      operands: [
        { kind: 'of-type', types: ['Patient'], operand: own },
        { kind: 'of-type', types: ['Observation', 'Condition'], operand: nothing },
      ],
    });
  });

  test('of no type is nothing', () => {
    expect(accessTo({ byType: new Map(), others: everything }, [])).toEqual(nothing);
  });
});

describe('restricted', () => {
  test('leaves a query without access as it is', () => {
    const { access: _, ...open } = query([own]);
    expect(restricted(open)).toBe(open);
  });

  test('adds nothing where everything may be seen, and leaves types out of which nothing may be', () => {
    const hidden: SearchAccess = { byType: new Map([['AuditEvent', nothing]]), others: everything };
    const has: SearchExpression = { kind: 'has', type: 'Group', code: 'member', operand: own };
    const asked = { ...query([own, has], ['Patient', 'AuditEvent']), access: hidden };
    expect(restricted(asked)).toMatchObject({ types: ['Patient'], filter: [own, has] });
    const record = { ...has, type: 'AuditEvent' };
    expect(restricted({ ...asked, filter: [record] }).filter).toEqual([
      { ...record, operand: both(own, nothing) },
    ]);
    const alone = { ...asked, types: ['AuditEvent'], filter: [] };
    expect(restricted(alone)).toMatchObject({ types: ['AuditEvent'], filter: [nothing] });
  });

  test('narrows the matches', () => {
    expect(restricted(query([], ['Patient'])).filter).toEqual([own]);
  });

  test('narrows what chains lead to and what refers, at every depth', () => {
    const leaf: SearchExpression = { kind: 'id', ids: ['1'] };
    const has: SearchExpression = { kind: 'has', type: 'Group', code: 'member', operand: leaf };
    const chain: SearchExpression = { kind: 'chain', code: 'subject', targets: ['Patient'], operand: has };
    const narrowed = { ...chain, operand: both({ ...has, operand: both(leaf, nothing) }, own) };
    for (const [asked, expected] of [
      [chain, narrowed],
      [
        { kind: 'not', operand: chain },
        { kind: 'not', operand: narrowed },
      ],
      [
        { kind: 'or', operands: [leaf, chain] },
        { kind: 'or', operands: [leaf, narrowed] },
      ],
      [
        { kind: 'of-type', types: ['Observation'], operand: chain },
        { kind: 'of-type', types: ['Observation'], operand: narrowed },
      ],
    ] as [SearchExpression, SearchExpression][]) {
      expect(restricted(query([asked])).filter).toEqual([expected, nothing]);
    }
  });

  test('does not narrow the access itself', () => {
    const team: SearchExpression = { kind: 'has', type: 'CareTeam', code: 'subject', operand: own };
    const byTeam = {
      ...query([], ['Patient']),
      access: { byType: new Map([['Patient', team]]), others: nothing },
    };
    expect(restricted(byTeam).filter).toEqual([team]);
  });
});
