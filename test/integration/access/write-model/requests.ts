import fc from 'fast-check';
import { body, criteria, idOf, maybe, ofStored, sentSystem, type } from './bodies.js';
import { edit, form, patchForm, type Edit, type PatchForm } from './edits.js';
import type { Criteria } from './may-write.js';
import type { Resource } from './resource.js';
import { keySystem, resources } from './stored.js';

/** One write, or a read that stands among them. */
export type Write =
  | { readonly kind: 'create'; readonly body: Resource; readonly ifNoneExist?: Criteria }
  | { readonly kind: 'update'; readonly id: string; readonly body: Resource }
  | { readonly kind: 'update-by'; readonly criteria: Criteria; readonly body: Resource }
  | {
      readonly kind: 'patch';
      readonly type: string;
      readonly id: string;
      readonly edit: Edit;
      readonly form: PatchForm;
    }
  | {
      readonly kind: 'patch-by';
      readonly type: string;
      readonly criteria: Criteria;
      readonly edit: Edit;
      readonly form: PatchForm;
    }
  | { readonly kind: 'delete'; readonly type: string; readonly id: string }
  | { readonly kind: 'delete-by'; readonly type: string; readonly criteria: Criteria }
  | { readonly kind: 'read'; readonly type: string; readonly id: string };

export interface Request {
  readonly form: 'alone' | 'batch' | 'transaction';
  /** One, where it comes alone. */
  readonly writes: readonly Write[];
  readonly prefer: 'minimal' | 'representation' | 'OperationOutcome' | null;
  /** Sent again under its Idempotency-Key: by the same token, or by one of the same account with other rights. */
  readonly repeated: 'no' | 'same' | 'foreign';
}

const write = (of: string): fc.Arbitrary<Write> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(body(of), maybe(criteria(of), 25)).map(([one, ifNoneExist]): Write => ({
        ...{ kind: 'create', body: one },
        ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
      })),
    },
    {
      weight: 5,
      arbitrary: idOf(of).chain((id) =>
        fc.oneof(
          {
            weight: 5,
            arbitrary: body(of).map((one): Write => ({ kind: 'update', id, body: { ...one, id } })),
          },
          // What is stored already.
          {
            weight: 1,
            arbitrary: fc.constant<Write>({
              ...{ kind: 'update', id },
              body: ofStored(of, id) ?? {
                resourceType: of,
                ...{ id, identifier: [{ system: sentSystem, value: 'none' }] },
              },
            }),
          },
        ),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(criteria(of), body(of)).map(([by, one]): Write => ({
        ...{ kind: 'update-by', criteria: by, body: one },
      })),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(idOf(of), edit(of), patchForm).map(([id, one, drawn]): Write => ({
        kind: 'patch',
        type: of,
        id,
        edit: one,
        form: form(one, drawn),
      })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(criteria(of), edit(of), patchForm).map(([by, one, drawn]): Write => ({
        ...{ kind: 'patch-by', type: of, criteria: by, edit: one, form: form(one, drawn) },
      })),
    },
    { weight: 2, arbitrary: idOf(of).map((id): Write => ({ kind: 'delete', type: of, id })) },
    {
      weight: 1,
      arbitrary: criteria(of).map((by): Write => ({ kind: 'delete-by', type: of, criteria: by })),
    },
  );
const anyWrite = type.chain(write);
const entry = fc.oneof(
  { weight: 9, arbitrary: anyWrite },
  {
    weight: 1,
    arbitrary: type.chain((of) => idOf(of).map((id): Write => ({ kind: 'read', type: of, id }))),
  },
);

/** The reference by which an entry of a transaction is known to the others. */
export const uuidOf = (index: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${index}`;

/** Lets some references of a transaction lead to what it creates, or by criteria. */
function linked(writes: readonly Write[], picks: readonly number[]): readonly Write[] {
  const made = writes.findIndex(({ kind, ...one }) => kind === 'create' && isPatient(one));
  return writes.map((one, index) => {
    const pick = picks[index] ?? 0;
    if (!('body' in one) || index === made || pick > 4) return one;
    const text = JSON.stringify(one.body);
    const changed = text.replace(/"reference":"Patient\/(p\d)"/, (whole, id: string) => {
      if (made >= 0 && pick > 1) return `"reference":"${uuidOf(made)}"`;
      return pick < 2 ? `"reference":"Patient?identifier=${keySystem}|${id}"` : whole;
    });
    return { ...one, body: JSON.parse(changed) as Resource };
  });
}

const isPatient = (one: object): boolean =>
  'body' in one && (one.body as Resource).resourceType === 'Patient';

/** Entries that touch different resources: what a Bundle says twice is refused for itself. */
function apart(writes: readonly Write[]): readonly Write[] {
  const seen = new Set<string>();
  // What many criteria find, other entries may change.
  const alone = writes.length > 1 ? writes.filter((one) => !findsMany(one)) : writes;
  return alone.filter((one) => {
    const keys = touched(one);
    if (keys.some((key) => seen.has(key))) return false;
    for (const key of keys) seen.add(key);
    return true;
  });
}

const findsMany = (one: Write): boolean => criteriaIn(one)?.query.startsWith('subject=') === true;

function criteriaIn(one: Write): Criteria | undefined {
  return 'criteria' in one ? one.criteria : 'ifNoneExist' in one ? one.ifNoneExist : undefined;
}

/** What a write may touch, and what decides on it. */
function touched(one: Write): readonly string[] {
  const by = criteriaIn(one);
  const of = 'body' in one ? one.body.resourceType : one.type;
  if (by === undefined) return 'id' in one ? [`${of}/${one.id}`] : [];
  return [
    ...resources
      .filter((stored) => stored.resourceType === of && by.holds(stored))
      .map(({ id = '' }) => `${of}/${id}`),
    `${of}?${by.query}`,
  ];
}

const prefer = fc.constantFrom(
  null,
  null,
  'minimal' as const,
  'representation' as const,
  'OperationOutcome' as const,
);
const repeated = fc.oneof(
  { weight: 7, arbitrary: fc.constant('no' as const) },
  { weight: 2, arbitrary: fc.constant('same' as const) },
  { weight: 2, arbitrary: fc.constant('foreign' as const) },
);

const isSome = ({ length }: readonly Write[]): boolean => length > 0;

export const randomRequests: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      form: fc.constant('alone' as const),
      writes: anyWrite.map((one) => [one]),
      ...{ prefer, repeated },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      form: fc.constant('batch' as const),
      writes: fc.array(entry, { minLength: 1, maxLength: 4 }).map(apart).filter(isSome),
      ...{ prefer, repeated },
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        form: fc.constant('transaction' as const),
        writes: fc.array(entry, { minLength: 1, maxLength: 4 }).map(apart).filter(isSome),
        picks: fc.array(fc.nat(9), { minLength: 4, maxLength: 4 }),
        ...{ prefer, repeated },
      })
      .map(({ picks, writes, ...rest }) => ({ ...rest, writes: linked(writes, picks) })),
  },
);
