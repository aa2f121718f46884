import fc from 'fast-check';
import type { SearchAccess, SearchExpression } from '../../../src/fhir/search/query.js';
import type { TestResource } from './search-store.js';

const names = ['Ada', 'Bea', 'Cyd'] as const;
const ids = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** Ids repeat from type to type, so that a reference to one type is told from one to another. */
const organizationIds = ids('x', 6);
const patientIds = ids('x', 12);
const groupIds = ids('x', 5);
const observationIds = ids('o', 40);
const auditIds = ids('x', 12);

const reference = (type: string, from: readonly string[]) =>
  fc.constantFrom(...from, 'nobody').map((id) => ({ reference: `${type}/${id}` }));

/** Resources that refer to each other; some to what is not there. */
export const graphs: fc.Arbitrary<readonly TestResource[]> = fc
  .tuple(
    each('Organization', organizationIds, {
      name: fc.constantFrom(...names),
      partOf: fc.option(reference('Organization', organizationIds), { nil: undefined }),
    }),
    each('Patient', patientIds, {
      gender: fc.constantFrom('male', 'female'),
      name: fc.constantFrom(...names).map((family) => [{ family }]),
      managingOrganization: fc.option(reference('Organization', organizationIds), { nil: undefined }),
    }),
    each('Group', groupIds, {
      type: fc.constant('person'),
      actual: fc.constant(true),
      member: fc.array(
        reference('Patient', patientIds).map((entity) => ({ entity })),
        { maxLength: 4 },
      ),
    }),
    each('Observation', observationIds, {
      status: fc.constantFrom('final', 'amended'),
      code: fc.constantFrom('a', 'b').map((code) => ({ coding: [{ code }] })),
      subject: fc.option(fc.oneof(reference('Patient', patientIds), reference('Group', groupIds)), {
        nil: undefined,
      }),
    }),
    each('AuditEvent', auditIds, {
      outcome: fc.constantFrom('0', '4'),
      entity: fc.array(
        fc
          .oneof(reference('Observation', observationIds), reference('Patient', patientIds))
          .map((what) => ({ what })),
        { maxLength: 3 },
      ),
    }),
  )
  .map((types) => types.flat());

function each(
  resourceType: string,
  of: readonly string[],
  elements: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<TestResource[]> {
  return fc.tuple(
    ...of.map((id) =>
      fc.record({ resourceType: fc.constant(resourceType), id: fc.constant(id), ...elements }),
    ),
  );
}

interface Reference {
  readonly code: string;
  readonly targets: readonly string[];
}

const referencesOf: Readonly<Record<string, readonly Reference[]>> = {
  Organization: [{ code: 'partof', targets: ['Organization'] }],
  Patient: [{ code: 'organization', targets: ['Organization'] }],
  Group: [{ code: 'member', targets: ['Patient'] }],
  Observation: [{ code: 'subject', targets: ['Patient', 'Group'] }],
  AuditEvent: [{ code: 'entity', targets: ['Observation', 'Patient'] }],
};
export const types = Object.keys(referencesOf);

const token = (code: string, ...values: string[]): fc.Arbitrary<SearchExpression> =>
  fc.constantFrom(...values).map((value) => ({
    kind: 'parameter',
    code,
    type: 'token',
    anyOf: [{ type: 'token', system: undefined, code: value }],
  }));
const name: fc.Arbitrary<SearchExpression> = fc.constantFrom(...names).map((text) => ({
  kind: 'parameter',
  code: 'name',
  type: 'string',
  anyOf: [{ type: 'string', match: 'starts', text: text.toLowerCase() }],
}));
const id: fc.Arbitrary<SearchExpression> = fc
  .subarray([...patientIds, ...observationIds], { minLength: 1, maxLength: 3 })
  .map((some) => ({ kind: 'id', ids: some }));

const own: Readonly<Record<string, readonly fc.Arbitrary<SearchExpression>[]>> = {
  Organization: [name, id],
  Patient: [name, token('gender', 'male', 'female'), id, present('organization')],
  Group: [present('member'), id],
  Observation: [token('status', 'final', 'amended'), token('code', 'a', 'b'), id, present('subject')],
  AuditEvent: [token('outcome', '0', '4'), id],
};

function present(code: string): fc.Arbitrary<SearchExpression> {
  return fc.constant({ kind: 'present', code, type: 'reference' });
}

/** What may be asked of resources of a type. */
export function expressions(type: string, depth = 3): fc.Arbitrary<SearchExpression> {
  const leaf = fc.oneof(...(own[type] ?? []));
  if (depth === 0) return leaf;
  const deeper = (of: string) => fc.constant(null).chain(() => expressions(of, depth - 1));
  const chains = (referencesOf[type] ?? []).map(({ code, targets }) =>
    fc.subarray([...targets], { minLength: 1 }).chain((some) =>
      // What several types have in common is asked of several.
      (some.length === 1 ? deeper(some[0]!) : fc.oneof(id, idOrNot())).map((operand): SearchExpression => ({
        kind: 'chain',
        code,
        targets: some,
        operand,
      })),
    ),
  );
  const referrers = types.flatMap((from) =>
    (referencesOf[from] ?? [])
      .filter(({ targets }) => targets.includes(type))
      .map(({ code }) =>
        deeper(from).map((operand): SearchExpression => ({ kind: 'has', type: from, code, operand })),
      ),
  );
  const several = fc.array(deeper(type), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    leaf,
    ...chains,
    ...referrers,
    deeper(type).map((operand): SearchExpression => ({ kind: 'not', operand })),
    several.map((operands): SearchExpression => ({ kind: 'or', operands })),
    several.map((operands): SearchExpression => ({ kind: 'and', operands })),
  );
}

function idOrNot(): fc.Arbitrary<SearchExpression> {
  return id.map((operand) => ({ kind: 'not', operand }));
}

/** All, nothing or some of each type. */
export const accesses: fc.Arbitrary<SearchAccess> = fc
  .tuple(...types.map((type) => accessOf(type)), fc.boolean())
  .map((parts) => {
    const all = parts.at(-1) === true;
    const byType = new Map<string, SearchExpression>();
    types.forEach((type, n) => {
      const expression = parts[n] as SearchExpression | null;
      if (expression !== null) byType.set(type, expression);
    });
    return { byType, others: all ? { kind: 'and', operands: [] } : { kind: 'or', operands: [] } };
  });

function accessOf(type: string): fc.Arbitrary<SearchExpression | null> {
  return fc.oneof(
    fc.constant(null),
    fc.constant<SearchExpression>({ kind: 'and', operands: [] }),
    fc.constant<SearchExpression>({ kind: 'or', operands: [] }),
    expressions(type, 1),
    expressions(type, 2),
  );
}
