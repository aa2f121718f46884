import type { StepBudget } from '../../budgets/index.js';
import { asObject } from '../json-object.js';

/** Whether a value is exactly the fixed one. Source: FHIR R4 elementdefinition-definitions.html#ElementDefinition.fixed_x_. */
export function equalsFixed(fixed: unknown, value: unknown, steps: StepBudget): boolean {
  steps.spend(1);
  if (Array.isArray(fixed)) {
    return (
      Array.isArray(value) &&
      value.length === fixed.length &&
      fixed.every((one, index) => equalsFixed(one, value[index], steps))
    );
  }
  const wanted = asObject(fixed);
  if (wanted === undefined) return fixed === value;
  const found = asObject(value);
  if (found === undefined) return false;
  const keys = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...keys].every((key) => equalsFixed(wanted[key], found[key], steps));
}

/**
 * Whether a value has everything that the pattern has; of a list, each of the pattern's items somewhere.
 * Source: FHIR R4 elementdefinition-definitions.html#ElementDefinition.pattern_x_.
 */
export function meetsPattern(pattern: unknown, value: unknown, steps: StepBudget): boolean {
  steps.spend(1);
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) &&
      pattern.every((one) => value.some((candidate) => meetsPattern(one, candidate, steps)))
    );
  }
  const wanted = asObject(pattern);
  if (wanted === undefined) return pattern === value;
  const found = asObject(value);
  return (
    found !== undefined && Object.entries(wanted).every(([key, one]) => meetsPattern(one, found[key], steps))
  );
}

/** A value for a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
