import fc from 'fast-check';
import { everything, ownRecord, type Criteria, type Rule, type Scope, type Subject } from './may-write.js';
import { patients, who } from './stored.js';
import { referencesAt, type Resource } from './resource.js';

/** A subject with the account, or the client, that it is. */
export interface Asker extends Subject {
  readonly account: string;
  /** Rules of the defined role; the account's other roles are built in. */
  readonly defined: readonly Rule[];
}

export const definedRole = 'modelled';
export const accounts = [
  { account: 'model-x', roles: [definedRole], fhirUser: who.x },
  { account: 'model-p1', roles: ['patient'], fhirUser: 'Patient/p1' },
  { account: 'model-both', roles: ['patient', definedRole], fhirUser: 'Patient/p2' },
  { account: 'model-nobody', roles: [definedRole], fhirUser: null },
  { account: 'model-y', roles: ['practitioner'], fhirUser: who.y },
  { account: 'loader', roles: null, fhirUser: null },
] as const;

export const types = [
  ...['Observation', 'Condition', 'AllergyIntolerance', 'CareTeam', 'Encounter'],
  ...['RelatedPerson', 'Patient', 'Practitioner'],
] as const;

const equals =
  (element: string, value: string) =>
  (resource: Resource): boolean =>
    resource[element] === value;
const criteriaOf: Readonly<Record<string, readonly Criteria[]>> = {
  Observation: [
    { query: 'status=final', holds: equals('status', 'final') },
    {
      query: 'category=laboratory',
      holds: ({ category }) => JSON.stringify(category).includes('laboratory'),
    },
    {
      query: 'performer=Practitioner/x',
      holds: (resource) => referencesAt(resource, 'performer').includes(who.x),
    },
  ],
  Patient: [{ query: 'gender=female', holds: equals('gender', 'female') }],
  Encounter: [{ query: 'status=in-progress', holds: equals('status', 'in-progress') }],
  CareTeam: [{ query: 'status=active', holds: equals('status', 'active') }],
};

const anyType = fc.oneof(
  { weight: 3, arbitrary: fc.constant('*') },
  { weight: 4, arbitrary: fc.constantFrom(...types) },
);
const letters = fc.oneof(
  { weight: 5, arbitrary: fc.constant('cruds') },
  { weight: 1, arbitrary: fc.constantFrom('crus', 'rs', 'cu', 'cud', 'us', 'ru', 'cds', 'rds') },
);
const criteria = (type: string, pick: number): Criteria | null => {
  const all = criteriaOf[type] ?? [];
  return pick % 3 === 0 ? (all[pick % Math.max(all.length, 1)] ?? null) : null;
};

const scopeOf = (contexts: readonly Scope['context'][]): fc.Arbitrary<Scope> =>
  fc
    .tuple(fc.constantFrom(...contexts), anyType, letters, fc.nat(99))
    .map(([context, type, granted, pick]) => ({
      ...{ context, type, letters: granted, criteria: criteria(type, pick) },
    }));

const rule: fc.Arbitrary<Rule> = fc
  .record({
    first: anyType,
    more: fc.subarray([...types], { maxLength: 3 }),
    letters,
    pick: fc.nat(99),
    kind: fc.nat(9),
    compartment: fc.constantFrom('Patient' as const, 'Practitioner' as const),
    relations: fc.subarray(['careteam' as const, 'encounter' as const], { minLength: 1 }),
    namesOthers: fc.nat(3).map((n) => n === 0),
    assigns: fc.nat(2).map((n) => n === 0),
  })
  .map(({ first, more, letters: granted, pick, kind, compartment, relations, namesOthers, assigns }) => {
    const filter = criteria(first, pick);
    const named = filter !== null || first === '*' ? [first] : [...new Set([first, ...more])];
    const isOfPatients = kind > 4 || (kind > 2 && compartment === 'Patient');
    const canAssign =
      /[cu]/.test(granted) && named.some((type) => ['*', 'CareTeam', 'Encounter'].includes(type));
    return {
      ...{ types: named, letters: granted, criteria: filter },
      ...(kind === 3 || kind === 4 ? { compartment } : {}),
      ...(kind > 4 ? { ownPatients: relations } : {}),
      ...(isOfPatients && namesOthers ? { namesOthers: true as const } : {}),
      ...(canAssign && assigns ? { assigns: true as const } : {}),
    };
  });

const context = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...patients) },
  { weight: 1, arbitrary: fc.constant(null) },
);

export const randomAskers: fc.Arbitrary<Asker> = fc
  .oneof(
    { weight: 5, arbitrary: fc.constant(accounts[0]) },
    { weight: 4, arbitrary: fc.constantFrom(...accounts.slice(1)) },
  )
  .chain(({ account, roles, fhirUser }) =>
    fc
      .record({
        defined: fc.array(rule, { minLength: 1, maxLength: 3 }),
        scopes: fc.array(scopeOf(roles === null ? ['system'] : ['patient', 'user', 'user']), {
          minLength: 1,
          maxLength: 3,
        }),
        patient: roles === null ? fc.constant(null) : context,
      })
      .map((drawn): Asker => {
        const names: readonly string[] = roles ?? [];
        const defined = names.includes(definedRole) ? drawn.defined : [];
        const builtIn =
          roles === null || names.includes('practitioner')
            ? [everything]
            : names.includes('patient')
              ? [ownRecord]
              : [];
        const rules = [...builtIn, ...defined];
        return { ...drawn, kind: roles === null ? 'client' : 'user', account, fhirUser, defined, rules };
      }),
  );

export function scopeText({ scopes }: Subject): string {
  const texts = scopes.map(
    ({ context: of, type, letters: granted, criteria: filter }) =>
      `${of}/${type}.${granted}${filter === null ? '' : `?${filter.query}`}`,
  );
  return [...new Set(texts)].join(' ');
}

/** A rule as the management API takes it. */
export function ruleOf({ letters: interactions, criteria: filter, ...rest }: Rule): object {
  return { ...rest, interactions, ...(filter === null ? {} : { criteria: filter.query }) };
}

export function described(asker: Asker): string {
  const { account, patient, defined } = asker;
  return JSON.stringify({ account, scope: scopeText(asker), patient, rules: defined.map(ruleOf) });
}
