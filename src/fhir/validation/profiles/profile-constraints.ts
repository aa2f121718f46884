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
    if (checkedByStructure.has(key) || unchecked.has(key)) continue;
    if (baseConstraints().has(`${key} ${expression}`)) continue;
    const condition = compiled(world, constraint, item.type);
    if (condition === undefined) {
      world.findings.undecided(
        item.place,
        `The rule ${key} of the profile can't be evaluated here: ${human}`,
      );
    } else if (isBroken(world, condition, item)) {
      const text = `The rule ${key} of the profile is not met: ${human.replace(/\.?\s*$/, '.')}`;
      world.findings.add(severity, 'invariant', item.place, text);
    }
  }
}

function compiled(
  { definitions, resource }: ProfileWorld,
  { expression }: ProfileConstraint,
  type: string,
): Condition | undefined {
  if (expression.length > maximumLength) return undefined;
  const focus = new Set([type]);
  try {
    return compileExpression(parseExpression(expression), {
      definitions,
      focus,
      context: focus,
      resource: String(resource.resourceType),
    });
  } catch {
    // What the compiler does not know is said to be unknown; it knows every rule of FHIR R4 itself.
    return undefined;
  }
}

function isBroken(
  { resource }: ProfileWorld,
  condition: Condition,
  { value, sibling }: ProfileItem,
): boolean {
  const context = value ?? sibling;
  if (context === undefined || asObject(resource) === undefined) return false;
  const result = condition.test(context, { context, resource, ofResource: new Map(), ofContext: undefined });
  return result === FALSE || result === EMPTY;
}
