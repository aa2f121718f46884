import { FirekeepError } from '../../platform/errors/index.js';
import { AnswerBudget } from './answer-budget.js';
import { entryAnswer } from './entry-answer.js';

const read = { interaction: 'read', type: 'Patient', id: '1', condition: {} } as const;
const write = { interaction: 'delete', type: 'Patient', id: '1', precondition: {} } as const;
const large = { status: 200, body: Buffer.alloc(100 * 2 ** 20) } as const;
const base = 'http://example.org/fhir';

describe('the size of a response Bundle', () => {
  it('is bounded: a read beyond the bound fails by itself', () => {
    const budget = new AnswerBudget();
    expect(entryAnswer(base, read, large, undefined, budget).resource).toBeDefined();
    expect(() => entryAnswer(base, read, large, undefined, budget)).toThrow(
      expect.objectContaining<Partial<FirekeepError>>({ code: 'FHIR_ANSWER_TOO_LARGE' }),
    );
    expect(
      entryAnswer(base, read, { ...large, body: Buffer.alloc(9) }, undefined, budget).resource,
    ).toBeDefined();
  });

  it('is bounded: a write beyond the bound, which is done, leaves its resource out', () => {
    const budget = new AnswerBudget();
    expect(entryAnswer(base, write, large, 'representation', budget).resource).toBeDefined();
    expect(entryAnswer(base, write, large, 'representation', budget).resource).toBeUndefined();
  });

  it('is spent once as much again has been read in vain', () => {
    const budget = new AnswerBudget();
    expect(budget.allows(100 * 2 ** 20)).toBe(true);
    expect(budget.allows(100 * 2 ** 20)).toBe(false);
    expect(budget.isSpent).toBe(false);
    expect(budget.allows(100 * 2 ** 20)).toBe(false);
    expect(budget.isSpent).toBe(true);
  });
});
