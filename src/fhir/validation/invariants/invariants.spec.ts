import { brokenInvariants } from '../../../../test/kit/broken-invariants.js';
import { StepBudget } from '../../budgets/index.js';
import { loadDefinitions, loadInvariants } from '../../definitions/index.js';
import { compileValidator } from '../index.js';
import { compileExpression } from './constraint-compiler.js';
import { parseExpression, UnsupportedInvariant } from './constraint-expression.js';
import { checkedByStructure, unchecked } from './invariant.check.js';

const definitions = loadDefinitions();
const validate = compileValidator(definitions);

const focusOf = (path: string): Set<string> => {
  if (definitions.type(path)) return new Set([path]);
  const owner = definitions.type(path.slice(0, path.lastIndexOf('.')));
  const element = owner?.elements.get(path.slice(path.lastIndexOf('.') + 1));
  return new Set(element?.types.map(({ code }) => code));
};

const compile = (expression: string, path: string) =>
  compileExpression(parseExpression(expression), {
    definitions,
    focus: focusOf(path),
    context: focusOf(path),
    resource: path.split('.')[0] ?? '',
    steps: StepBudget.unlimited,
  });

describe('the invariants of R4', () => {
  const all = [...loadInvariants()].flatMap(([path, list]) => list.map((rule) => ({ path, ...rule })));
  const compiled = all.filter(({ key }) => !checkedByStructure.has(key) && !unchecked.has(key));

  it.each(compiled.map(({ path, key, expression }) => [path, key, expression]))(
    '%s %s is inside of what compiles',
    (path, _key, expression) => {
      expect(() => compile(expression, path)).not.toThrow();
    },
  );

  it('are all accounted for', () => {
    expect(compiled).toHaveLength(228);
    const others = new Set(all.filter((rule) => !compiled.includes(rule)).map(({ key }) => key));
    expect([...others].sort()).toEqual([...checkedByStructure, ...unchecked].sort());
  });

  it('stand at elements that a validator visits', () => {
    const elements = new Set<string>();
    const types = new Set(definitions.resourceTypes);
    // A set that grows while it is read gives what was added, too.
    for (const name of types) {
      const type = definitions.type(name);
      if (type?.base) types.add(type.base);
      for (const element of type?.elements.values() ?? []) {
        elements.add(element.path);
        for (const { code, profiles } of element.types)
          for (const each of [code, ...profiles]) types.add(each);
      }
    }
    const missed = compiled
      .filter(({ path }) => !types.has(path) && !elements.has(path))
      .map(({ key }) => key);
    // No element of R4 has the profile MoneyQuantity.
    expect(missed).toEqual(['mqty-1']);
  });
});

describe('what is outside of the subset is refused', () => {
  it.each([
    ['an unknown element', 'nick.exists()'],
    ['an unknown function', 'name.repeat(given)'],
    ['a name of JavaScript', 'name.constructor()'],
    ['an unknown variable', '%sct.exists()'],
    ['an order of texts', "gender > 'a'"],
    ['an order of dates and numbers', 'birthDate > 1'],
    ['an index', 'name[0].exists()'],
    ['a count of descendants', 'descendants().count() > 1'],
    ['an argument too many', 'name.exists(given)'],
    ['half an expression', 'name.exists() and'],
    ['an open parenthesis', '(name.exists()'],
    ['a foreign sign', 'name ~ name'],
    ['a type that a choice lacks', 'deceased as Quantity'],
  ])('%s', (_what, expression) => {
    expect(() => compile(expression, 'Patient')).toThrow(UnsupportedInvariant);
  });
});

describe('a broken invariant is reported with its key', () => {
  const found = (resource: object) =>
    validate(resource, { mode: 'full' }).map(
      ({ severity, code, expression, message }) =>
        `${severity} ${code} ${expression} ${/rule (\S+)/.exec(message)?.[1] ?? message}`,
    );
  const patient = (rest: object) => ({ resourceType: 'Patient', ...rest });
  const observation = (rest: object) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    ...rest,
  });

  it.each(brokenInvariants)('%s', (expected, resource) => {
    expect(found(resource)).toEqual([expected]);
  });

  it('is not asked for in mode structure', () => {
    expect(validate(patient({ contact: [{ gender: 'male' }] }), { mode: 'structure' })).toEqual([]);
  });

  it('passes where nothing can be said', () => {
    const unknown = [
      patient({ name: [{ period: { start: '2020-05', end: '2020' } }] }),
      observation({ valueRange: { low: { value: 2, unit: 'a' }, high: { value: 1, unit: 'b' } } }),
      { resourceType: 'Questionnaire', status: 'draft' },
      { resourceType: 'Patient', managingOrganization: { display: 'x' } },
      { resourceType: 'ChargeItemDefinition', url: 'http://x', status: 'draft' },
    ];
    expect(unknown.flatMap(found)).toEqual([]);
  });

  it('says what the specification says', () => {
    expect(validate(patient({ contact: [{ gender: 'male' }] }), { mode: 'full' })[0]?.message).toBe(
      "The rule pat-1 is not met: SHALL at least contain a contact's details or a reference to an organization.",
    );
  });
});
