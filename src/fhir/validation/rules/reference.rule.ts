import type { Definitions } from '../../definitions/index.js';
import { quoted } from '../json-object.js';
import type { ObjectCheck } from '../object.check.js';
import type { Run } from '../run.js';

const HASH = 0x23;

const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/';

/** What stands behind `Type/` in a relative reference: id, version, place inside. */
const instance = /^[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/;

/** `Type/id` at the end of an absolute reference; only the end is looked at. */
const absoluteEnd = /\/([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const longestEnd = 280;

/**
 * A literal reference is well-formed and points, as far as it tells, to a type that the element allows; a
 * reference that begins with `#` points to a contained resource (rule ref-1).
 * Source: FHIR R4 references.html#literal, #type.
 */
export function referenceRule(definitions: Definitions, targets: readonly string[]): ObjectCheck {
  const allowed = targets.length === 0 || targets.includes('Resource') ? undefined : new Set(targets);

  const requireTarget = (type: string, run: Run): void => {
    if (allowed === undefined || allowed.has(type)) return;
    run.error('value', `A reference to ${type} is not allowed here, only to ${[...allowed].join(', ')}.`);
  };

  const literalType = (reference: string, run: Run): string | undefined => {
    if (reference.charCodeAt(0) === HASH) return fragmentType(reference, run);
    const slash = reference.indexOf('/');
    const colon = reference.indexOf(':');
    if (colon !== -1 && (slash === -1 || colon < slash)) {
      const type = absoluteEnd.exec(reference.slice(-longestEnd))?.[1];
      return type !== undefined && definitions.isResourceType(type) ? type : undefined;
    }
    return relativeType(reference, slash, definitions, run);
  };

  return (value, run) => {
    const { reference, type } = value;
    const literal = typeof reference === 'string' ? literalType(reference, run) : undefined;
    if (literal !== undefined) requireTarget(literal, run);
    if (typeof type !== 'string') return;
    const named = type.startsWith(STRUCTURE) ? type.slice(STRUCTURE.length) : type;
    if (literal === undefined) requireTarget(named, run);
    else if (literal !== named) {
      run.error('value', `The reference points to ${literal}, but its type says ${quoted(type)}.`);
    }
  };
}

/** Type of a contained resource. Source: FHIR R4 references.html, rule ref-1. */
function fragmentType(reference: string, run: Run): string | undefined {
  run.scope?.noteFragment(reference);
  const type = run.scope?.typeOfFragment(reference);
  if (type === undefined) {
    run.error(
      'invariant',
      `There is no contained resource with the id of ${quoted(reference)} (rule ref-1).`,
    );
  }
  return type;
}

function relativeType(
  reference: string,
  slash: number,
  definitions: Definitions,
  run: Run,
): string | undefined {
  const question = reference.indexOf('?');
  // A conditional reference, which transactions replace. Source: FHIR R4 http.html#trules.
  const isConditional = question !== -1 && (slash === -1 || question < slash);
  const type = reference.slice(0, Math.max(0, isConditional ? question : slash));
  if (!definitions.isResourceType(type)) {
    run.error('value', `${quoted(reference)} is not a reference: "Type/id" or an absolute URL is expected.`);
    return undefined;
  }
  if (!isConditional && !instance.test(reference.slice(slash + 1))) {
    run.error(
      'value',
      `${quoted(reference)} is not a reference: the id has 1 to 64 letters, digits, "-" and ".".`,
    );
  }
  return type;
}
