import { FirekeepError, type ErrorIssue } from '../../platform/errors/index.js';
import { patientRelations, roles as builtIn, type RoleChanges, type RoleRule } from './role.js';

/** What is wrong with criteria or types that only the FHIR repository can read; path below the rule. */
export type RuleReader = (rule: RoleRule) => readonly { readonly path: string; readonly message: string }[];

const mostRules = 50;
const mostTypes = 150;
const nameShape = /^[a-z][a-z0-9-]{0,62}[a-z0-9]$/;
const typeShape = /^(?:\*|[A-Z][A-Za-z]{1,63})$/;
const lettersShape = /^(?=.)c?r?u?d?s?$/;
const members = [
  ...['types', 'interactions', 'criteria', 'compartment', 'ownPatients'],
  ...['namesOthers', 'assigns'],
];
/** By these a patient names who looks after them. */
const relating = ['*', 'CareTeam', 'Encounter'];

/** Lower-case ASCII letters, digits and hyphens, 2 to 64. */
export function isRoleName(name: unknown): name is string {
  return typeof name === 'string' && nameShape.test(name);
}

export function isBuiltInRole(name: string): boolean {
  return (builtIn as readonly string[]).includes(name);
}

/**
 * The rules, read.
 *
 * @throws FirekeepError 422 `ROLES_INVALID` with the place of everything that is wrong: `rules[0].criteria`
 */
export function checkRole(
  role: RoleChanges & { readonly name?: string },
  readers: readonly RuleReader[],
): RoleRule[] {
  const issues: ErrorIssue[] = [];
  const add = (expression: string, message: string): void => void issues.push({ expression, message });
  if (role.name !== undefined) checkName(role.name, add);
  if (typeof role.description === 'string' && role.description.length > 255) {
    add('description', 'Use at most 255 characters.');
  }
  const rules: unknown = role.rules ?? [];
  const list: readonly unknown[] = Array.isArray(rules) ? rules : [];
  if (!Array.isArray(rules) || list.length > mostRules) {
    add('rules', `Use a list of at most ${mostRules} rules.`);
  }
  const read = list.slice(0, mostRules).map((value, index) => {
    const problems = problemsOf(value);
    const rule = value as RoleRule;
    const found = problems.length > 0 ? problems : readers.flatMap((reader) => reader(rule));
    for (const { path, message } of found) add(joined(`rules[${index}]`, path), message);
    return rule;
  });
  if (issues.length > 0) throw invalid(issues);
  return read;
}

export interface StoredRules {
  readonly rules: RoleRule[];
  /** Why some of what is stored, or all of it, is not among them. */
  readonly problem?: string;
}

/** The rules as they are stored. What can't be read (any more) permits nothing: rules add up, so none is missed. */
export function storedRules(text: string): StoredRules {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch (error) {
    return { rules: [], problem: `no JSON: ${(error as Error).name}` };
  }
  if (!Array.isArray(stored)) return { rules: [], problem: 'no list of rules' };
  const rules = stored.filter((rule): rule is RoleRule => problemsOf(rule).length === 0);
  const at = stored.findIndex((rule) => problemsOf(rule).length > 0);
  const [first] = problemsOf(stored[at]);
  return at < 0 || first === undefined
    ? { rules }
    : { rules, problem: `${joined(`rules[${at}]`, first.path)}: ${first.message}` };
}

type Problem = ReturnType<RuleReader>[number];

function checkName(name: string, add: (expression: string, message: string) => void): void {
  if (isBuiltInRole(name)) add('name', `${name} is a built-in role, whose meaning is fixed.`);
  else if (!isRoleName(name)) {
    add('name', 'Use 2 to 64 lower-case letters, digits and hyphens, beginning with a letter.');
  }
}

function problemsOf(value: unknown): Problem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ path: '', message: 'Is an object with types and interactions.' }];
  }
  const rule = value as Record<string, unknown>;
  const problems = Object.keys(rule)
    .filter((name) => !members.includes(name))
    .map((name) => ({ path: name.slice(0, 64), message: `Is not known. Known are ${members.join(', ')}.` }));
  const when = (wrong: boolean, path: string, message: string): void => {
    if (wrong) problems.push({ path, message });
  };
  when(
    !isListOf(rule.types, (type) => typeof type === 'string' && typeShape.test(type), mostTypes),
    'types',
    'Use a list of FHIR resource types, or ["*"] for all but AuditEvent.',
  );
  when(
    typeof rule.interactions !== 'string' || !lettersShape.test(rule.interactions),
    'interactions',
    'Use letters of cruds in this order: create, read, update, delete, search.',
  );
  when(
    rule.criteria !== undefined &&
      (typeof rule.criteria !== 'string' || !/^[^\s]{1,1000}$/.test(rule.criteria)),
    'criteria',
    'Use FHIR search criteria without the type, percent-encoded, at most 1000 characters.',
  );
  when(
    !([undefined, 'Patient', 'Practitioner'] as unknown[]).includes(rule.compartment),
    'compartment',
    'Use Patient or Practitioner.',
  );
  when(
    rule.ownPatients !== undefined &&
      !isListOf(rule.ownPatients, (one) => (patientRelations as readonly unknown[]).includes(one), 2),
    'ownPatients',
    'Use a list with careteam, encounter or both.',
  );
  when(
    rule.namesOthers !== undefined &&
      (rule.namesOthers !== true || (rule.compartment !== 'Patient' && rule.ownPatients === undefined)),
    'namesOthers',
    'Use true, in a rule with the compartment Patient or with ownPatients; other rules name any patient.',
  );
  when(
    rule.assigns !== undefined && (rule.assigns !== true || !canAssign(rule)),
    'assigns',
    'Use true, in a rule that creates or updates (c, u) CareTeam or Encounter.',
  );
  return problems;
}

function canAssign({ types, interactions }: Record<string, unknown>): boolean {
  const names: readonly unknown[] = Array.isArray(types) ? types : [];
  return names.some((type) => relating.includes(String(type))) && /[cu]/.test(String(interactions));
}

/** At least one, at most so many, none of them twice. */
function isListOf(value: unknown, isOne: (item: unknown) => boolean, most: number): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= most &&
    new Set(value).size === value.length &&
    value.every(isOne)
  );
}

const joined = (rule: string, path: string): string => (path === '' ? rule : `${rule}.${path}`);

function invalid(issues: readonly ErrorIssue[]): FirekeepError {
  const text = issues.map(({ expression, message }) => `${expression ?? ''}: ${message}`).join(' ');
  return new FirekeepError('unprocessable', 'ROLES_INVALID', text.slice(0, 2000), { issues });
}
