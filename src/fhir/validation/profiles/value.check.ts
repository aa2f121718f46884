import { asObject } from '../json-object.js';
import type { ProfileItem } from './profile-item.js';
import type { ProfileElement } from './profile.js';
import type { ProfileWorld } from './profile-world.js';
import { equalsFixed, meetsPattern, shown } from './value-match.js';

/** Fixed and pattern values, range and length. Source: FHIR R4 elementdefinition.html. */
export function checkValue(
  { findings, steps }: ProfileWorld,
  element: ProfileElement,
  item: ProfileItem,
): void {
  const { fixed, pattern, maxLength } = element;
  const { value, place } = item;
  if (value === undefined || value === null) return;
  if (fixed !== undefined && !equalsFixed(fixed, value, steps)) {
    findings.error('value', place, `The profile fixes this value: ${shown(fixed)}.`);
  }
  if (pattern !== undefined && !meetsPattern(pattern, value, steps)) {
    findings.error('value', place, `The profile asks for what ${shown(pattern)} has.`);
  }
  if (maxLength !== undefined && typeof value === 'string' && isLonger(value, maxLength)) {
    findings.error('too-long', place, `The profile allows ${maxLength} characters here.`);
  }
  checkRange(findings, element.minValue, item, 'at least', (order) => order >= 0);
  checkRange(findings, element.maxValue, item, 'at most', (order) => order <= 0);
}

function isLonger(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  return text.length > 2 * limit || Array.from(text).length > limit;
}

function checkRange(
  findings: ProfileWorld['findings'],
  bound: unknown,
  { value, place }: ProfileItem,
  word: string,
  holds: (order: number) => boolean,
): void {
  if (bound === undefined) return;
  const order = compare(value, bound);
  if (order === undefined) {
    findings.undecided(place, `Whether the value is ${word} ${shown(bound)} can't be told here.`);
  } else if (!holds(order)) {
    findings.error('value', place, `The profile asks for ${word} ${shown(bound)}.`);
  }
}

/** Numbers, and texts of equal precision; quantities of the same unit. Undefined: not comparable. */
function compare(value: unknown, bound: unknown): number | undefined {
  if (typeof value === 'number' && typeof bound === 'number') return value - bound;
  if (typeof value === 'string' && typeof bound === 'string') {
    const comparable = value.length === bound.length && !/[+-]\d\d:\d\d$/.test(value + bound);
    return comparable ? Number(value > bound) - Number(value < bound) : undefined;
  }
  const one = asObject(value);
  const other = asObject(bound);
  if (one === undefined || other === undefined) return undefined;
  if (one.system !== other.system || one.code !== other.code) return undefined;
  return typeof one.value === 'number' && typeof other.value === 'number'
    ? one.value - other.value
    : undefined;
}
