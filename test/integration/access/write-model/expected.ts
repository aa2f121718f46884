import { covers, maySee, mayWrite, type Criteria, type Subject } from './may-write.js';
import { edited } from './edits.js';
import { uuidOf, type Request, type Write } from './requests.js';
import { isSame, keyOf, type Resource, type State } from './resource.js';

/** What becomes of one write. */
export interface Outcome {
  readonly allowed: boolean;
  /** By `Type/id`, or by a name that stands for an id of the server's; null: deleted. */
  readonly changes: ReadonlyMap<string, Resource | null>;
}

const refused: Outcome = { allowed: false, changes: new Map() };
const unchanged: Outcome = { allowed: true, changes: new Map() };
const changed = (key: string, resource: Resource | null): Outcome => ({
  ...{ allowed: true, changes: new Map([[key, resource]]) },
});

/** What becomes of each write of a request by what docs/access.md and FHIR say. */
export function expectedOf(
  subject: Subject,
  { form, writes }: Pick<Request, 'form' | 'writes'>,
  stored: State,
): readonly Outcome[] {
  const outcomes = writes.map((write, index) => {
    const named = form === 'transaction' ? withLinks(subject, write, writes, stored) : write;
    return named === undefined ? refused : outcomeOf(subject, named, index, stored);
  });
  // All or nothing; a read that finds nothing takes nothing back.
  const fails = outcomes.some(({ allowed }, index) => !allowed && isFatal(subject, writes[index]));
  return form === 'transaction' && fails ? outcomes.map(() => refused) : outcomes;
}

function isFatal(subject: Subject, write: Write | undefined): boolean {
  return write?.kind !== 'read' || !covers(subject, write.type, 'r');
}

/** The name of what an entry creates. */
export const newOf = (index: number): string => `new-${index}`;

/** With references that lead to resources; undefined: one leads nowhere. */
function withLinks(
  subject: Subject,
  write: Write,
  writes: readonly Write[],
  stored: State,
): Write | undefined {
  if (!('body' in write)) return write;
  let leadsNowhere = false;
  const text = JSON.stringify(write.body).replace(
    /"reference":"(urn:uuid:[^"]+|Patient\?[^"]+)"/g,
    (whole, reference: string) => {
      const index = writes.findIndex((_, n) => uuidOf(n) === reference);
      if (index >= 0) {
        const made = writes[index];
        const match = made?.kind === 'create' && made.ifNoneExist ? found(subject, made, stored) : [];
        return `"reference":"Patient/${match[0]?.id ?? newOf(index)}"`;
      }
      const id = reference.split('|')[1] ?? '';
      const patient = stored.get(`Patient/${id}`);
      if (patient == null || !maySee(subject, 's', patient, stored)) leadsNowhere = true;
      return whole.replace(reference, `Patient/${id}`);
    },
  );
  return leadsNowhere ? undefined : { ...write, body: JSON.parse(text) as Resource };
}

function found(
  subject: Subject,
  write: { readonly body: Resource; readonly ifNoneExist?: Criteria },
  stored: State,
): readonly Resource[] {
  const { body, ifNoneExist } = write;
  return ifNoneExist === undefined ? [] : matches(subject, body.resourceType, ifNoneExist, stored);
}

/** What criteria find, as far as the subject may search. */
function matches(subject: Subject, type: string, criteria: Criteria, stored: State): readonly Resource[] {
  return [...stored.values()].filter(
    (one): one is Resource =>
      one !== null && one.resourceType === type && criteria.holds(one) && maySee(subject, 's', one, stored),
  );
}

function outcomeOf(subject: Subject, write: Write, index: number, stored: State): Outcome {
  const type = 'body' in write ? write.body.resourceType : write.type;
  const searches = 'criteria' in write || ('ifNoneExist' in write && write.ifNoneExist !== undefined);
  if (searches && !covers(subject, type, 's')) return refused;
  switch (write.kind) {
    case 'create': {
      if (!covers(subject, type, 'c')) return refused;
      const known = found(subject, write, stored);
      if (known.length > 0) return known.length > 1 ? refused : unchanged;
      const after = { ...write.body, id: newOf(index) };
      const may = mayWrite(subject, { letter: 'c', before: undefined, after }, stored);
      return may ? changed(newOf(index), after) : refused;
    }
    case 'update':
      return update(subject, stored.get(`${type}/${write.id}`), { ...write.body, id: write.id }, stored);
    case 'update-by': {
      const known = matches(subject, type, write.criteria, stored);
      const [match] = known;
      if (!covers(subject, type, 'u') || known.length > 1) return refused;
      return update(subject, match, { ...write.body, id: match?.id ?? newOf(index) }, stored);
    }
    case 'patch':
      return patch(subject, stored.get(`${type}/${write.id}`), write, stored);
    case 'patch-by': {
      const known = matches(subject, type, write.criteria, stored);
      return known.length > 1 ? refused : patch(subject, known[0], write, stored);
    }
    case 'delete':
      return covers(subject, type, 'd')
        ? remove(subject, stored.get(`${type}/${write.id}`), stored)
        : refused;
    case 'delete-by': {
      const known = matches(subject, type, write.criteria, stored);
      if (!covers(subject, type, 'd') || known.length > 1) return refused;
      return remove(subject, known[0], stored);
    }
    case 'read': {
      const one = stored.get(`${type}/${write.id}`);
      return one != null && maySee(subject, 'r', one, stored) ? unchanged : refused;
    }
  }
}

function update(
  subject: Subject,
  before: Resource | null | undefined,
  after: Resource,
  stored: State,
): Outcome {
  const change = { letter: 'u' as const, before: before ?? undefined, after };
  if (!covers(subject, after.resourceType, 'u') || !mayWrite(subject, change, stored)) return refused;
  if (isSame(before, after)) return unchanged;
  const { id = '' } = after;
  return changed(id.startsWith('new-') ? id : keyOf(after), after);
}

function patch(
  subject: Subject,
  before: Resource | null | undefined,
  { edit }: Extract<Write, { kind: 'patch' | 'patch-by' }>,
  stored: State,
): Outcome {
  // What it comes to tells what is stored.
  if (before == null || !(['r', 's'] as const).some((letter) => maySee(subject, letter, before, stored))) {
    return refused;
  }
  const after = edited(before, edit);
  return after === undefined ? refused : update(subject, before, after, stored);
}

/** What may not be seen isn't there, and to delete that is a success. */
function remove(subject: Subject, before: Resource | null | undefined, stored: State): Outcome {
  if (before == null) return unchanged;
  if (mayWrite(subject, { letter: 'd', before, after: undefined }, stored))
    return changed(keyOf(before), null);
  const isKnown = (['r', 's'] as const).some((letter) => maySee(subject, letter, before, stored));
  const mayChange = mayWrite(subject, { letter: 'u', before, after: before }, stored);
  return isKnown || mayChange ? refused : unchanged;
}

/** The state with what was changed. */
export function after(outcomes: readonly Outcome[], stored: State): State {
  return new Map([...stored, ...outcomes.flatMap(({ changes }) => [...changes])]);
}
