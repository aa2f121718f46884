import { loadDefinitions } from '../../definitions/index.js';
import { parseExpression, UnsupportedExpression } from './expression.js';
import { compileExpression } from './expression-compiler.js';

describe('parseExpression', () => {
  const member = (name: string) => ({ kind: 'member', of: { kind: 'start', type: 'Patient' }, name });

  it.each([
    ['Patient.name', member('name')],
    ['name', { kind: 'member', of: { kind: 'start', type: null }, name: 'name' }],
    ['(Patient.name as HumanName)', { kind: 'as', of: member('name'), type: 'HumanName' }],
    ['Patient.name.as(HumanName)', { kind: 'as', of: member('name'), type: 'HumanName' }],
    ['Patient.name[0]', { kind: 'index', of: member('name'), index: 0 }],
    ["Patient.x.where(a='b')", { kind: 'where-equals', of: member('x'), name: 'a', value: 'b' }],
    ['Patient.x.where(resolve() is Group)', { kind: 'where-resolves', of: member('x'), type: 'Group' }],
    ['Patient.x.exists() and Patient.x != false', { kind: 'present', of: member('x') }],
    ['Patient.name.ofType(HumanName)', { kind: 'as', of: member('name'), type: 'HumanName' }],
    [
      "Patient.extension('http://a')",
      { kind: 'where-equals', of: member('extension'), name: 'url', value: 'http://a' },
    ],
    ['Patient.a | Patient.b', { kind: 'union', operands: [member('a'), member('b')] }],
    ['%resource.a', { kind: 'member', of: { kind: 'resource' }, name: 'a' }],
  ])('reads %s', (text, expected) => {
    expect(parseExpression(text)).toEqual(expected);
  });

  it.each([
    '',
    'Patient.',
    'Patient.name)',
    '(Patient.name',
    'Patient.name.first()',
    'Patient.a + Patient.b',
    "Patient.where(a = 'b' and c = 'd')",
    'Patient.a.exists()',
    'Patient.a.exists() and Patient.b != false',
    '%context.a',
    "'text'",
    '('.repeat(1000),
    `Patient${'.a'.repeat(10_000)}`,
  ])('refuses what lies outside the subset: %.40s', (text) => {
    expect(() => parseExpression(text)).toThrow(UnsupportedExpression);
  });
});

describe('compileExpression', () => {
  it('refuses what leads to more kinds of values than can be followed', () => {
    const wide = parseExpression(`Patient${'.extension.value'.repeat(4)}`);
    expect(() => compileExpression(wide, loadDefinitions(), 'Patient', 'Patient')).toThrow('kinds of values');
  });
});

describe('search parameters of the specification', () => {
  const definitions = loadDefinitions();
  const plain = definitions.resourceTypes.flatMap((type) =>
    definitions
      .searchParameters(type)
      .filter((parameter) => parameter.expression !== null)
      .map((parameter) => ({ type, parameter })),
  );

  it('have an expression that leads somewhere in each of their types', () => {
    const dead = plain.filter(
      ({ type, parameter }) =>
        compileExpression(parseExpression(parameter.expression ?? ''), definitions, type, type).length === 0,
    );
    expect(dead).toEqual([]);
    expect(plain.length).toBeGreaterThan(2500);
  });
});
