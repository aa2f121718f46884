import type { ValueSetExpansion } from '../../definitions/index.js';
import { asObject, quoted } from '../json-object.js';
import type { ProfileItem } from './profile-item.js';
import type { ProfileElement } from './profile.js';
import type { ProfileWorld } from './profile-world.js';

/** Types whose values have a code; others have no binding that means something. */
const coded: ReadonlySet<string> = new Set([
  'code',
  'Coding',
  'CodeableConcept',
  'string',
  'uri',
  'Quantity',
]);

/** Whether a coded value is in a value set; undefined where its codes are not all known. */
export function membershipOf(
  expansion: ValueSetExpansion,
  { type, value }: ProfileItem,
): boolean | undefined {
  if (type === 'CodeableConcept') {
    const { coding } = asObject(value) ?? {};
    const verdicts = (Array.isArray(coding) ? coding : []).map((one) => ofCoding(expansion, one));
    if (verdicts.includes(true)) return true;
    return verdicts.includes(undefined) ? undefined : false;
  }
  if (type === 'Coding' || type === 'Quantity') return ofCoding(expansion, value);
  if (typeof value !== 'string') return false;
  if ([...expansion.values()].some((codes) => codes?.has(value) === true)) return true;
  return [...expansion.values()].includes(null) ? undefined : false;
}

function ofCoding(expansion: ValueSetExpansion, coding: unknown): boolean | undefined {
  const { system, code } = asObject(coding) ?? {};
  if (typeof system !== 'string' || typeof code !== 'string') return false;
  const codes = expansion.get(system);
  if (codes === null) return undefined;
  return codes?.has(code) === true;
}

/** Source: FHIR R4 terminologies.html#strength. */
export function checkBinding(world: ProfileWorld, { binding, id }: ProfileElement, item: ProfileItem): void {
  if (binding === undefined || (binding.strength !== 'required' && binding.strength !== 'extensible')) return;
  if (!coded.has(item.type) || item.value === undefined || item.value === null) return;
  const { findings, source } = world;
  const expansion = source.valueSet(binding.valueSet);
  const membership = typeof expansion === 'string' ? undefined : membershipOf(expansion, item);
  if (membership === true) return;
  const name = quoted(binding.valueSet);
  if (membership === undefined) {
    const why =
      typeof expansion === 'string' ? expansion : 'Codes of a system that it names are not known here.';
    findings.undecided(
      item.place,
      `Whether the code is in the value set ${name} was not checked (${binding.strength} binding of ${id}): ${why}`,
    );
  } else if (binding.strength === 'required') {
    findings.error(
      'code-invalid',
      item.place,
      `No code here is in the value set ${name}, which the profile requires.`,
    );
  } else {
    const text = `No code here is in the value set ${name}; another is right only where the set has none that fits.`;
    findings.add('warning', 'code-invalid', item.place, text);
  }
}
