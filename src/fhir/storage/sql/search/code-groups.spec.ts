import { groupsOf, latestOf, uncoded, type CodedRow } from './code-groups.js';

const row = (rid: number, code: string | undefined, at: number | null = rid): CodedRow => ({ rid, code, at });
const none = (): undefined => undefined;
const ridsOf = (rows: readonly CodedRow[], textOf: (rid: number) => string | undefined = none): number[][] =>
  groupsOf(rows, textOf).map(({ members }) =>
    members.map(({ rid }) => rid).sort((one, other) => one - other),
  );

describe('groups of resources that share codes', () => {
  it('join those with a code in common, and those that a third one links', () => {
    expect(ridsOf([row(1, 'a'), row(2, 'b'), row(3, 'c'), row(4, 'a')])).toEqual([[1, 4], [2], [3]]);
    expect(ridsOf([row(1, 'b'), row(2, 'a'), row(3, 'b'), row(3, 'a')])).toEqual([[1, 2, 3]]);
    expect(ridsOf([row(1, 'd'), row(1, 'c'), row(2, 'c'), row(2, 'b'), row(3, 'b'), row(3, 'a')])).toEqual([
      [1, 2, 3],
    ]);
  });

  it('stand in the order of the first of their codes', () => {
    const groups = groupsOf([row(1, 'z'), row(2, 'm'), row(3, 'z'), row(3, 'a')], none);
    expect(groups.map(({ key }) => key)).toEqual(['a', 'm']);
  });

  it('take a text where there is no code', () => {
    const rows = [
      row(1, undefined),
      row(2, undefined),
      row(3, 'a'),
      row(4, undefined),
      row(5, undefined),
      row(5, 'a'),
    ];
    expect(uncoded(rows)).toEqual([1, 2, 4]);
    const texts = new Map([
      [1, 'text x'],
      [2, 'text x'],
    ]);
    expect(ridsOf(rows, (rid) => texts.get(rid))).toEqual([[4], [3, 5], [1, 2]]);
  });

  it('hold a resource once, with the latest of its dates', () => {
    const [group] = groupsOf([row(1, 'a', 5), row(1, 'a', 9), row(1, 'a', null)], none);
    expect(group?.members).toEqual([{ rid: 1, at: 9 }]);
  });
});

describe('the latest of a group', () => {
  const group = (...dates: readonly (number | null)[]) => ({
    key: 'a',
    members: dates.map((at, rid) => ({ rid, at })),
  });
  const latest = (dates: readonly (number | null)[], most: number): (number | null)[] =>
    latestOf(group(...dates), most).map(({ at }) => at);

  it('are those with the latest dates, and all that equal the last of them', () => {
    expect(latest([1, 4, 2, 3], 2)).toEqual([4, 3]);
    expect(latest([1, 3, 3, 2, 3], 2)).toEqual([3, 3, 3]);
    expect(latest([1, 2], 5)).toEqual([2, 1]);
  });

  it('leave what has no date for last', () => {
    expect(latest([null, 1, null], 1)).toEqual([1]);
    expect(latest([null, 1, null], 2)).toEqual([1, null, null]);
  });
});
