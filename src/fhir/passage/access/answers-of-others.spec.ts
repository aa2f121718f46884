import { matchesFilter } from '../../search/match/resource-matcher.js';
import type { SearchExpression } from '../../search/query.js';
import { AnswersOfOthers } from './answers-of-others.js';

const most = 1_000;
const operand: SearchExpression = { kind: 'id', ids: ['never'] };
const patients = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ type: 'Patient', id: `p${n}` }));

describe('answers of other resources', () => {
  it('are asked once, and known from then on', () => {
    const answers = new AnswersOfOthers();
    expect(answers.ask(patients(3), operand)).toBeUndefined();
    expect(answers.isOpen).toBe(true);
    const lookups = answers.lookups('default');
    expect(lookups).toHaveLength(1);
    for (const { learn } of lookups) learn([]);
    expect([answers.isOpen, answers.ask(patients(3), operand)]).toEqual([false, false]);
    for (const { learn } of answers.lookups('default')) learn(patients(1));
    expect(answers.ask(patients(3), operand)).toBe(true);
  });

  it('stay unknown beyond the most that are asked, so that neither a condition nor its opposite holds', () => {
    const answers = new AnswersOfOthers();
    const all = patients(most + 1);
    expect(answers.ask(all, operand)).toBeUndefined();
    for (const { learn } of answers.lookups('default')) learn([]);
    expect([answers.isOpen, answers.ask(all, operand)]).toEqual([false, undefined]);
    const values = [
      {
        code: 'item',
        values: all.map(({ type, id }) => ({
          type: 'reference' as const,
          targetType: type,
          targetId: id,
          url: null,
          version: null,
          identifier: null,
        })),
      },
    ];
    const list = { type: 'List', id: 'l', lastUpdated: 0, values: values as never };
    const chain: SearchExpression = { kind: 'chain', code: 'item', targets: ['Patient'], operand };
    for (const expression of [chain, { kind: 'not', operand: chain } as const]) {
      expect(matchesFilter(list, [expression], answers.ask)).toBeUndefined();
    }
  });
});
