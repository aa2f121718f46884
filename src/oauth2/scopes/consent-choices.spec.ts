import { chosenScopes, narrowingOf } from './consent-choices.js';

const asked = ['openid', 'patient/Observation.cruds', 'patient/Condition.read', 'user/*.*', 'user/Task.c'];
const terminology = 'http://terminology.hl7.org/CodeSystem';

function choose(...fields: (readonly [name: string, value: string])[]) {
  return chosenScopes(
    asked,
    new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
  );
}

describe('choices of the consent page', () => {
  it('leave what is ticked', () => {
    expect(choose(...asked.map((scope) => ['scope', scope] as const))).toEqual({ ok: true, scopes: asked });
    expect(choose(['scope', 'user/Task.c'])).toEqual({ ok: true, scopes: ['user/Task.c'] });
    expect(choose()).toEqual({ ok: false, problem: 'none' });
  });

  it('narrow to reading, in the words of version 2', () => {
    expect(
      choose(
        ['scope', 'patient/Observation.cruds'],
        ['reading', 'patient/Observation.cruds'],
        ['scope', 'user/*.*'],
        ['reading', 'user/*.*'],
      ),
    ).toEqual({ ok: true, scopes: ['patient/Observation.rs', 'user/*.rs'] });
  });

  it('narrow to categories, each a scope', () => {
    expect(
      choose(
        ['scope', 'patient/Observation.cruds'],
        ['reading', 'patient/Observation.cruds'],
        ['category', 'patient/Observation.cruds vital-signs'],
        ['category', 'patient/Observation.cruds laboratory'],
        ['scope', 'patient/Condition.read'],
        ['category', 'patient/Condition.read problem-list-item'],
      ),
    ).toEqual({
      ok: true,
      scopes: [
        `patient/Observation.rs?category=${terminology}/observation-category|vital-signs`,
        `patient/Observation.rs?category=${terminology}/observation-category|laboratory`,
        `patient/Condition.rs?category=${terminology}/condition-category|problem-list-item`,
      ],
    });
  });

  it('ignore parts of what is not ticked', () => {
    expect(choose(['scope', 'openid'], ['category', 'patient/Condition.read problem-list-item'])).toEqual({
      ok: true,
      scopes: ['openid'],
    });
  });

  it.each([
    ['a scope that was not asked for', ['scope', 'user/Task.cruds']],
    ['a wider scope', ['scope', 'patient/*.cruds']],
    ['several scopes in one field', ['scope', 'openid admin']],
    ['reading of a scope that was not asked for', ['reading', 'user/Patient.cruds']],
    ['reading of a scope without it', ['reading', 'user/Task.c']],
    ['reading of a name', ['reading', 'openid']],
    ['a category of another type', ['category', 'patient/Condition.read vital-signs']],
    ['an unknown category', ['category', 'patient/Condition.read x|y&z=1']],
    ['a category with a second scope', ['category', 'patient/Condition.read problem-list-item admin']],
    ['no category', ['category', 'patient/Condition.read']],
    ['a category of every type', ['category', 'user/*.* laboratory']],
  ] as const)('refuse %s', (_name, field) => {
    const all = asked.map((scope) => ['scope', scope] as const);
    expect(choose(...all, field)).toEqual({ ok: false, problem: 'forged' });
  });

  it('refuse more parts than a request may have scopes', () => {
    const many = Array.from(
      { length: 9 },
      (_, index) => `${['patient', 'user'][index % 2]!}/Observation.${'cruds'.slice(0, (index >> 1) + 1)}`,
    );
    const form = new URLSearchParams();
    for (const scope of many) {
      form.append('scope', scope);
      for (const { code } of narrowingOf(scope)!.categories) form.append('category', `${scope} ${code}`);
    }
    expect(chosenScopes(many, form)).toEqual({ ok: false, problem: 'long' });
  });

  it('offer nothing where nothing can be narrowed', () => {
    for (const scope of [
      'openid',
      'user/Patient.rs',
      'user/Patient.cud',
      'user/Observation.rs?status=final',
    ]) {
      expect(narrowingOf(scope)).toBeUndefined();
    }
    expect(narrowingOf('user/Observation.cruds?status=final')).toEqual({ reading: true, categories: [] });
  });
});
