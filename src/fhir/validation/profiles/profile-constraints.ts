import { BudgetExceeded } from '../../budgets/index.js';
import { loadInvariants } from '../../definitions/index.js';
import { asObject } from '../json-object.js';
import { parseExpression } from '../invariants/constraint-expression.js';
import { compileExpression } from '../invariants/constraint-compiler.js';
import type { Condition } from '../invariants/compiled.js';
import { EMPTY, FALSE } from '../invariants/truth.js';
import { checkedByStructure, unchecked } from '../invariants/invariant.check.js';
import type { ProfileItem } from './profile-item.js';
import type { ProfileConstraint, ProfileElement } from './profile.js';
import type { ProfileWorld } from './profile-world.js';

/** Longest expression that is compiled. */
const maximumLength = 5_000;

let base: ReadonlySet<string> | undefined;

/** Constraints of FHIR R4 itself, which every validation has evaluated already. */
function baseConstraints(): ReadonlySet<string> {
  return (base ??= new Set(
    [...loadInvariants().values()].flatMap((list) =>
      list.map(({ key, expression }) => `${key} ${expression}`),
    ),
  ));
}

/** The constraints that a profile adds. Source: FHIR R4 elementdefinition-definitions.html#ElementDefinition.constraint. */
export function checkConstraints(
  world: ProfileWorld,
  { constraints }: ProfileElement,
  item: ProfileItem,
): void {
  for (const constraint of constraints) {
    const { key, expression, human, severity } = constraint;
    world.steps.spend(1 + expression.length / 16);
    if (checkedByStructure.has(key) || unchecked.has(key)) continue;
    if (baseConstraints().has(`${key} ${expression}`)) continue;
    const condition = compiled(world, constraint, item.type);
    if (condition === undefined) {
      world.findings.undecided(
        item.place,
        `The rule ${key} of the profile can't be evaluated here: ${asSentence(human)}`,
      );
    } else if (isBroken(world, constraint, condition, item)) {
      const text = `The rule ${key} of the profile is not met: ${asSentence(human)}`;
      world.findings.add(severity, 'invariant', item.place, text);
    }
  }
}

/** Most characters of a rule's text in a message. */
const maximumText = 500;

function asSentence(human: string): string {
  return `${human.slice(0, maximumText).trimEnd().replace(/\.$/, '')}.`;
}

/** Of the constraints of a profile: what they come to for a type of element, kept as long as the profile. */
const known = new WeakMap<ProfileConstraint, Map<string, Condition | undefined>>();

function compiled(world: ProfileWorld, constraint: ProfileConstraint, type: string): Condition | undefined {
  const resourceType = String(world.resource.resourceType);
  const byTypes = known.get(constraint) ?? new Map<string, Condition | undefined>();
  known.set(constraint, byTypes);
  const key = `${type} ${resourceType}`;
  if (!byTypes.has(key)) byTypes.set(key, compile(world, constraint, type, resourceType));
  return byTypes.get(key);
}

/** Steps that a character of an expression costs while it is compiled. */
const COMPILE_STEPS = 10;

function compile(
  { definitions, steps }: ProfileWorld,
  { expression }: ProfileConstraint,
  type: string,
  resource: string,
): Condition | undefined {
  if (expression.length > maximumLength) return undefined;
  steps.spend(expression.length * COMPILE_STEPS);
  const focus = new Set([type]);
  try {
    return compileExpression(parseExpression(expression), {
      definitions,
      focus,
      context: focus,
      resource,
      steps,
    });
  } catch (thrown) {
    if (thrown instanceof BudgetExceeded) throw thrown;
    // What the compiler does not know is said to be unknown; it knows every rule of FHIR R4 itself.
    return undefined;
  }
}

function isBroken(
  { resource, steps }: ProfileWorld,
  { expression }: ProfileConstraint,
  condition: Condition,
  { value, sibling }: ProfileItem,
): boolean {
  const context = value ?? sibling;
  if (context === undefined || asObject(resource) === undefined) return false;
  steps.spend(1 + expression.length / 4);
  const result = condition.test(context, {
    context,
    steps,
    resource,
    ofResource: new Map(),
    ofContext: undefined,
  });
  return result === FALSE || result === EMPTY;
}
