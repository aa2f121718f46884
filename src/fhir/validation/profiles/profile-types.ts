import { quoted } from '../json-object.js';
import { referencedType } from './discriminator-path.js';
import { Findings } from './findings.js';
import type { ProfileItem } from './profile-item.js';
import { baseTypeOf, type ProfileWorld } from './profile-world.js';
import type { Profile, ProfileElement } from './profile.js';

/** Types that FHIRPath has and FHIR spells otherwise: of ids and URLs of extensions. */
const systemTypes = 'http://hl7.org/fhirpath/';

/**
 * The types that an element may have, and the profiles of its type.
 *
 * @param checkProfile checks a value against a profile
 */
export function checkTypes(
  world: ProfileWorld,
  { types, id }: ProfileElement,
  item: ProfileItem,
  checkProfile: (world: ProfileWorld, profile: Profile, item: ProfileItem) => void,
): void {
  if (types === undefined || types.length === 0 || item.type.includes('.')) return;
  if (types.some(({ code }) => code.startsWith(systemTypes))) return;
  const fitting = types.filter(({ code }) => code === item.type || isAnyResource(world, code, item.type));
  if (fitting.length === 0) {
    const allowed = types.map(({ code }) => code).join(', ');
    world.findings.error('structure', item.place, `The profile allows ${allowed} here, not ${item.type}.`);
    return;
  }
  const profiles = fitting.flatMap((type) => type.profiles);
  const own = profiles.filter((canonical) => baseTypeOf(world.definitions, canonical) === undefined);
  // One of the alternatives asks for no more than the type.
  if (own.length < profiles.length || fitting.some((type) => type.profiles.length === 0)) return;
  checkAlternatives(world, own, id, item, checkProfile);
}

function isAnyResource({ definitions }: ProfileWorld, code: string, type: string): boolean {
  return (code === 'Resource' || code === 'DomainResource') && definitions.isResourceType(type);
}

/** A value that several profiles are allowed for has to meet one of them. */
function checkAlternatives(
  world: ProfileWorld,
  canonicals: readonly string[],
  id: string,
  item: ProfileItem,
  checkProfile: (world: ProfileWorld, profile: Profile, item: ProfileItem) => void,
): void {
  const known = canonicals
    .map((canonical) => world.source.profile(canonical))
    .filter((one) => one !== undefined);
  const attempts = known.map((profile) => {
    const findings = new Findings();
    checkProfile({ ...world, findings }, profile, item);
    return findings;
  });
  const met = attempts.find((findings) => findings.errors === 0);
  const best = met ?? (canonicals.length === 1 ? attempts[0] : undefined);
  if (best !== undefined) {
    world.findings.take(best.issues);
    return;
  }
  const names = canonicals.slice(0, 5).map(quoted).join(', ');
  if (known.length < canonicals.length) {
    const text = `Not every profile of ${id} is known here, so the value was not checked against ${names}.`;
    world.findings.undecided(item.place, text);
  } else world.findings.error('structure', item.place, `The value meets none of the profiles ${names}.`);
}

/** What a reference may lead to: its type is checked, the resource itself is not looked at. */
export function checkTargets(
  world: ProfileWorld,
  { types = [], id }: ProfileElement,
  item: ProfileItem,
): void {
  if (item.type !== 'Reference') return;
  const targets = types.flatMap((type) => (type.code === 'Reference' ? type.targetProfiles : []));
  const type = referencedType(item);
  if (targets.length === 0 || type === undefined) return;
  const allowed = targets.map((canonical) => targetType(world, canonical));
  const isBase = (canonical: string): boolean => baseTypeOf(world.definitions, canonical) !== undefined;
  if (allowed.includes(undefined)) {
    world.findings.undecided(
      item.place,
      `Not every profile that the reference may lead to is known here (${id}).`,
    );
  } else if (
    !allowed.includes(type) &&
    !allowed.includes('Resource') &&
    !allowed.includes('DomainResource')
  ) {
    world.findings.error(
      'structure',
      item.place,
      `The profile allows references to ${allowed.join(', ')} here, not to ${type}.`,
    );
  } else if (
    !targets.some((canonical, index) => allowed[index] === type && isBase(canonical)) &&
    !targets.every(isBase)
  ) {
    world.findings.undecided(
      item.place,
      `Whether what the reference leads to meets its profile was not checked (${id}).`,
    );
  }
}

function targetType({ definitions, source }: ProfileWorld, canonical: string): string | undefined {
  return baseTypeOf(definitions, canonical) ?? source.profile(canonical)?.type;
}
