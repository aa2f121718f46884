import { canonical, metadataDifference } from './metadata-difference.js';

describe('difference of metadata', () => {
  it('is empty where only the order is another one', () => {
    expect(
      metadataDifference(
        { scopes: ['a', 'b'], nested: { x: 1, y: 2 } },
        { nested: { y: 2, x: 1 }, scopes: ['b', 'a'] },
      ),
    ).toEqual([]);
  });

  it('names what was added, removed and changed, by member', () => {
    expect(metadataDifference({ gone: 1, other: 'a' }, { other: 'b', fresh: null })).toEqual([
      { member: 'fresh', change: 'added', after: null },
      { member: 'gone', change: 'removed', before: 1 },
      { member: 'other', change: 'changed', before: 'a', after: 'b' },
    ]);
  });

  it('tells a number from its text, and lists of objects by their order', () => {
    expect(metadataDifference({ a: 1 }, { a: '1' })).toHaveLength(1);
    expect(canonical([{ a: 1 }, { b: 1 }])).not.toBe(canonical([{ b: 1 }, { a: 1 }]));
  });

  it('sees members that every object inherits', () => {
    const before = JSON.parse('{"toString":1,"__proto__":2}') as Record<string, unknown>;
    expect(metadataDifference(before, {}).map(({ member }) => member)).toEqual(['__proto__', 'toString']);
    expect(metadataDifference({}, {})).toEqual([]);
  });
});
