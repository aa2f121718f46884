import fc from 'fast-check';
import type { RoleRule } from '../../../src/users/index.js';
import { isOfPatient, type TestResource } from './approved.js';
import { criteriaOf, type TestCriteria } from './leak-criteria.js';
import { resources } from './leak-resources.js';

export type Letter = 'c' | 'r' | 'u' | 'd' | 's';

interface RandomScope {
  readonly text: string;
  readonly context: 'patient' | 'user' | 'system';
  readonly type: string;
  readonly letters: string;
  readonly criteria: TestCriteria | null;
}

interface RandomRule extends Omit<RoleRule, 'criteria'> {
  readonly criteria: TestCriteria | null;
}

/** Who asks: a user of the world, or a client; the users whose name begins with `roamer` have the rules of the set. */
export interface Asker {
  readonly name: string;
  readonly kind: 'user' | 'client';
  readonly roles: readonly string[];
  readonly fhirUser: string | null;
}

export const definedRole = 'roaming';

export const askers: readonly Asker[] = [
  { name: 'alice', kind: 'user', roles: ['practitioner'], fhirUser: 'Practitioner/x' },
  { name: 'dora', kind: 'user', roles: ['patient'], fhirUser: 'Patient/dora' },
  { name: 'roamer-x', kind: 'user', roles: [definedRole], fhirUser: 'Practitioner/x' },
  { name: 'roamer-dora', kind: 'user', roles: [definedRole], fhirUser: 'Patient/dora' },
  { name: 'roamer-nobody', kind: 'user', roles: [definedRole], fhirUser: null },
  { name: 'roamer-both', kind: 'user', roles: ['patient', definedRole], fhirUser: 'Patient/a' },
  { name: 'loader', kind: 'client', roles: [], fhirUser: null },
];

/** A token of a random scope, for someone with random rights. */
export interface RandomApproval {
  readonly asker: Asker;
  readonly scopes: readonly RandomScope[];
  /** `openid fhirUser` beside the others. */
  readonly identity: boolean;
  readonly patient: string | null;
  readonly rules: readonly RandomRule[];
}

const types = [...new Set(resources.map(({ resourceType }) => resourceType))];
const anyType = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('Observation', 'Patient', 'Condition', 'Encounter') },
  { weight: 2, arbitrary: fc.constantFrom(...types) },
  { weight: 2, arbitrary: fc.constant('*') },
);
const letters = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('rs', 'cruds', 'crus') },
  {
    weight: 2,
    arbitrary: fc
      .subarray(['c', 'r', 'u', 'd', 's'], { minLength: 1 })
      .map((some) => ['c', 'r', 'u', 'd', 's'].filter((letter) => some.includes(letter)).join('')),
  },
);
const versionOne = { read: 'rs', write: 'cud', '*': 'cruds' } as const;

function scopeOf(contexts: readonly RandomScope['context'][]): fc.Arbitrary<RandomScope> {
  return fc
    .tuple(fc.constantFrom(...contexts), anyType, letters, fc.nat(), fc.nat(9))
    .map(([context, type, rights, pick, kind]) => {
      const words = Object.entries(versionOne);
      const [word, meant] = words[pick % words.length] ?? ['read', 'rs'];
      if (kind < 2) {
        return { text: `${context}/${type}.${word}`, context, type, letters: meant, criteria: null };
      }
      const all = criteriaOf(type);
      const criteria = kind > 5 ? (all[pick % Math.max(all.length, 1)] ?? null) : null;
      const query = criteria === null ? '' : `?${criteria.query}`;
      return { text: `${context}/${type}.${rights}${query}`, context, type, letters: rights, criteria };
    });
}

const rule: fc.Arbitrary<RandomRule> = fc
  .record({
    first: anyType,
    more: fc.subarray(types, { maxLength: 3 }),
    interactions: letters,
    pick: fc.nat(),
    kind: fc.nat(9),
    compartment: fc.constantFrom('Patient' as const, 'Practitioner' as const),
    relations: fc.subarray(['careteam' as const, 'encounter' as const], { minLength: 1 }),
  })
  .map(({ first, more, interactions, pick, kind, compartment, relations }) => {
    const all = criteriaOf(first);
    const criteria = kind < 4 ? (all[pick % Math.max(all.length, 1)] ?? null) : null;
    // Criteria are about one type.
    const named = criteria !== null || first === '*' ? [first] : [...new Set([first, ...more])];
    return {
      types: named,
      interactions,
      criteria,
      ...(kind === 3 || kind === 4 ? { compartment } : {}),
      ...(kind === 2 || kind > 7 ? { ownPatients: relations } : {}),
    };
  });

export const randomApprovals: fc.Arbitrary<RandomApproval> = fc.constantFrom(...askers).chain((asker) =>
  fc.record({
    asker: fc.constant(asker),
    scopes: fc.array(scopeOf(asker.kind === 'client' ? ['system'] : ['patient', 'user', 'user']), {
      minLength: 1,
      maxLength: 4,
    }),
    identity: asker.kind === 'client' ? fc.constant(false) : fc.boolean(),
    patient: asker.kind === 'client' ? fc.constant(null) : fc.constantFrom('a', 'b', 'dora', 'nobody', null),
    rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
  }),
);

export function scopeText({ scopes, identity }: RandomApproval): string {
  const texts = [...new Set(scopes.map(({ text }) => text))];
  return [...(identity ? ['openid', 'fhirUser'] : []), ...texts].join(' ');
}

/** What an approval says, for whoever looks at a failure. */
export function described(approval: RandomApproval): string {
  return JSON.stringify({
    user: approval.asker,
    scope: scopeText(approval),
    patient: approval.patient,
    rules: approval.asker.roles.includes(definedRole) ? approval.rules.map(ruleOf) : [],
  });
}

export function ruleOf({ criteria, ...rest }: RandomRule): RoleRule {
  return criteria === null ? rest : { ...rest, criteria: criteria.query };
}

/** Elements by which a resource is in the compartment of a practitioner. https://hl7.org/fhir/R4/compartmentdefinition-practitioner.html */
const practitionerElements: Readonly<Record<string, (resource: TestResource) => readonly unknown[]>> = {
  Observation: ({ performer }) => listOf(performer),
  Condition: ({ asserter }) => listOf(asserter),
  Encounter: ({ participant }) =>
    listOf(participant).map((one) => (one as { individual?: object }).individual),
  CareTeam: ({ participant }) => listOf(participant).map((one) => (one as { member?: object }).member),
  Patient: ({ generalPractitioner }) => listOf(generalPractitioner),
  List: ({ source }) => listOf(source),
  Composition: ({ author }) => listOf(author),
};

function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value].flat();
}

function refersTo(values: readonly unknown[], reference: string): boolean {
  return values.some((value) => (value as { reference?: string } | undefined)?.reference === reference);
}

export function isIn(compartment: string, owner: string, resource: TestResource): boolean {
  const id = owner.slice(compartment.length + 1);
  if (compartment === 'Patient') return isOfPatient(resource, id);
  if (`${resource.resourceType}/${resource.id}` === owner) return true;
  return refersTo(practitionerElements[resource.resourceType]?.(resource) ?? [], owner);
}

const relatingTypes = { careteam: 'CareTeam', encounter: 'Encounter' } as const;

export function isOfOwnPatient(
  resource: TestResource,
  user: string,
  by: RoleRule['ownPatients'] = [],
): boolean {
  const own = resources.filter(
    (patient) =>
      patient.resourceType === 'Patient' &&
      resources.some(
        (relating) =>
          by.some((relation) => relatingTypes[relation] === relating.resourceType) &&
          refersTo([relating.subject], `Patient/${patient.id}`) &&
          refersTo(practitionerElements[relating.resourceType]?.(relating) ?? [], user),
      ),
  );
  if (resource.resourceType === 'Patient') return own.some(({ id }) => id === resource.id);
  return own.some(({ id }) => isOfPatient(resource, id));
}

function ruleAllows(
  { types: named, interactions, criteria, compartment, ownPatients }: RandomRule,
  letter: Letter,
  resource: TestResource,
  { fhirUser }: Asker,
): boolean {
  if (!interactions.includes(letter)) return false;
  if (!named.includes('*') && !named.includes(resource.resourceType)) return false;
  if (criteria !== null && !criteria.holds(resource, () => true)) return false;
  if (compartment !== undefined) {
    if (fhirUser?.startsWith(`${compartment}/`) !== true || !isIn(compartment, fhirUser, resource))
      return false;
  }
  if (ownPatients === undefined) return true;
  return fhirUser !== null && isOfOwnPatient(resource, fhirUser, ownPatients);
}

function rolesAllow({ asker, rules }: RandomApproval, letter: Letter, resource: TestResource): boolean {
  if (asker.kind === 'client') return true;
  return asker.roles.some((role) => {
    if (role === 'practitioner') return true;
    if (role === 'patient') return asker.fhirUser !== null && isIn('Patient', asker.fhirUser, resource);
    return rules.some((one) => ruleAllows(one, letter, resource, asker));
  });
}

/** Whether a resource as it was loaded may be read, found, changed or deleted: scope and role, both. */
export function mayDo(approval: RandomApproval, letter: Letter, resource: TestResource): boolean {
  const { asker, scopes, identity, patient } = approval;
  if (!rolesAllow(approval, letter, resource)) return false;
  const isSelf = `${resource.resourceType}/${resource.id}` === asker.fhirUser;
  if (identity && letter === 'r' && isSelf) return true;
  return scopes.some(({ context, type, letters: rights, criteria }) => {
    if (!rights.includes(letter) || (type !== '*' && type !== resource.resourceType)) return false;
    if (context === 'patient' && (patient === null || !isOfPatient(resource, patient))) return false;
    // Words of the client look through what the roles show, no further.
    return criteria === null || criteria.holds(resource, (other) => rolesAllow(approval, 's', other));
  });
}

/** Resources that the rights of others depend on, whoever sees them. */
export function decides(approval: RandomApproval, resource: TestResource): boolean {
  const { rules, scopes } = approval;
  const { resourceType } = resource;
  return (
    rules.some(
      ({ criteria, ownPatients = [] }) =>
        criteria?.through.includes(resourceType) === true ||
        (ownPatients.length > 0 && ['Patient', 'CareTeam', 'Encounter'].includes(resourceType)),
    ) || scopes.some(({ criteria }) => criteria?.through.includes(resourceType) === true)
  );
}
