import type { HttpAnswer } from '../../../kit/http.js';
import type { HistoryVersion } from '../../../../src/fhir/storage/ports.js';
import { after, expectedOf, type Outcome } from './expected.js';
import { maySee, type Subject } from './may-write.js';
import type { ModelWorld } from './model-world.js';
import { sentSystem } from './bodies.js';
import type { Request } from './requests.js';
import { isSame, type Resource, type State } from './resource.js';
import { initial, secretOf } from './stored.js';
import type { Asker } from './subjects.js';
import { wireOf } from './wire.js';

/** Someone, with a token, and the same account with another one. */
export interface Party {
  readonly asker: Asker;
  readonly token: string;
  readonly other: { readonly asker: Asker; readonly token: string };
}

let keys = 0;

/** Sends a request, compares what it did and showed with the model, and makes everything as it was. @throws Error what differs */
export async function compare(
  world: ModelWorld,
  { asker, token, other }: Party,
  request: Request,
): Promise<void> {
  const made: HistoryVersion[] = [];
  try {
    const sent = wireOf(request, request.repeated === 'no' ? undefined : `key-${(keys += 1)}`);
    const first = expectedOf(asker, request, initial);
    const answer = await world.send(sent, token);
    const versions = await world.versions();
    made.push(...versions);
    const done = check(asker, request, first, answer, versions, initial, sent.payload ?? '');
    if (request.repeated === 'no') return;
    const between = after(done, initial);
    const repeats = request.repeated === 'same' ? { asker, token } : other;
    const second = again(repeats.asker, request, done, between, request.repeated);
    const repeated = await world.send(sent, repeats.token);
    const more = await world.versions();
    made.push(...more);
    check(repeats.asker, request, second, repeated, more, between, sent.payload ?? '', done);
  } finally {
    await world.restore(made);
  }
}

/** What becomes of a request under a key that was used: what was done is told and not done again, or refused. */
function again(
  subject: Subject,
  request: Request,
  done: readonly Outcome[],
  stored: State,
  by: 'same' | 'foreign',
): readonly Outcome[] {
  const units = request.form === 'batch' ? request.writes.map((write) => [write]) : [request.writes];
  return units.flatMap((writes, index) => {
    const of = request.form === 'batch' ? done.slice(index, index + 1) : done;
    const changing = of.filter((_, n) => writes[n]?.kind !== 'read');
    if (changing.length > 0 && changing.every(({ allowed }) => allowed)) {
      return of.map(() => ({ allowed: by === 'same', changes: new Map() }));
    }
    return expectedOf(subject, { form: request.form, writes }, stored);
  });
}

/** @returns what was done, with the ids that the server gave */
function check(
  subject: Subject,
  request: Request,
  modelled: readonly Outcome[],
  answer: HttpAnswer,
  versions: readonly HistoryVersion[],
  stored: State,
  payload: string,
  before: readonly Outcome[] = [],
): readonly Outcome[] {
  const label = before.length === 0 ? '' : 'again: ';
  const statuses = statusesOf(request, answer);
  const outcomes = modelled.map((outcome, index) => {
    const status = statuses[index] ?? 500;
    const allowed = status < 300;
    if (request.writes[index]?.kind === 'read') return outcome;
    if (status >= 500) throw new Error(`${label}${index}: ${status} ${answer.body}`);
    if (outcome.allowed && !allowed && mayLose(subject, request, modelled, index)) return refusedBy(outcome);
    // What was done may have ended what makes a patient an own one.
    if (outcome.allowed && !allowed && label !== '' && changesRelations(subject, before))
      return refusedBy(outcome);
    if (outcome.allowed === allowed) return outcome;
    const expected = outcome.allowed ? 'allowed' : 'refused';
    throw new Error(`${label}write ${index} must be ${expected}, and is answered ${status}: ${answer.body}`);
  });
  const named = stateAfter(outcomes, versions, stored, label);
  for (const [key, resource] of stored) {
    if (resource === null) continue;
    const id = key.split('/')[1] ?? '';
    const secret = secretOf(id);
    if (!answer.body.includes(secret) || payload.includes(secret)) continue;
    const images = [resource, named.get(key)].filter((one) => one != null);
    const isSeen = images.some((one) =>
      (['r', 's'] as const).some((letter) => maySee(subject, letter, one, stored)),
    );
    if (!isSeen) throw new Error(`${label}${key} may not be read, and shows in ${answer.body}`);
  }
  return outcomes;
}

const refusedBy = (outcome: Outcome): Outcome => ({ ...outcome, allowed: false, changes: new Map() });

/** Entries of a batch are done side by side: another may have ended what makes a patient an own one. */
function mayLose(subject: Subject, { form }: Request, modelled: readonly Outcome[], index: number): boolean {
  return (
    form === 'batch' &&
    changesRelations(
      subject,
      modelled.filter((_, n) => n !== index),
    )
  );
}

function changesRelations({ rules }: Subject, outcomes: readonly Outcome[]): boolean {
  return (
    rules.some(({ ownPatients }) => ownPatients !== undefined) &&
    outcomes.some(({ changes }) => [...changes.keys()].some((key) => /^(?:CareTeam|Encounter|new)/.test(key)))
  );
}

function statusesOf({ form, writes }: Request, answer: HttpAnswer): readonly number[] {
  if (form === 'alone' || answer.statusCode !== 200) return writes.map(() => answer.statusCode);
  const { entry } = answer.json<{ entry: { response: { status: string } }[] }>();
  return entry.map(({ response }) => Number(response.status.slice(0, 3)));
}

/** The state as it must be, with the ids that the server gave. @throws Error where another one is stored */
function stateAfter(
  outcomes: readonly Outcome[],
  versions: readonly HistoryVersion[],
  stored: State,
  label: string,
): State {
  const made = new Map(versions.map((version) => [`${version.type}/${version.id}`, contentOf(version)]));
  const given = new Map<string, string>();
  for (const [key, resource] of outcomes.flatMap(({ changes }) => [...changes])) {
    if (resource === null || !key.startsWith('new-')) continue;
    const of = [...made].find(([, one]) => one !== null && isSame(sentIn(one), sentIn(resource)));
    if (of !== undefined) given.set(key, of[0].split('/')[1] ?? '');
  }
  const withIds = (resource: Resource): Resource =>
    JSON.parse(JSON.stringify(resource).replace(/new-\d/g, (name) => given.get(name) ?? name)) as Resource;
  const expected = new Map(stored);
  for (const [key, resource] of outcomes.flatMap(({ changes }) => [...changes])) {
    const id = given.get(key);
    const after = resource === null ? null : withIds(resource);
    expected.set(id === undefined || after === null ? key : `${after.resourceType}/${id}`, after);
  }
  for (const key of new Set([...expected.keys(), ...made.keys()])) {
    const actual = made.has(key) ? made.get(key) : stored.get(key);
    const wanted = expected.get(key);
    if (isSame(actual ?? null, wanted ?? null)) continue;
    throw new Error(`${label}${key} must be ${JSON.stringify(wanted)}, and is ${JSON.stringify(actual)}`);
  }
  return expected;
}

const sentIn = ({ identifier = [] }: Resource): unknown =>
  (identifier as readonly { system: string; value: string }[]).find(({ system }) => system === sentSystem);

function contentOf({ deleted, content }: HistoryVersion): Resource | null {
  if (deleted) return null;
  const { meta: _meta, ...resource } = JSON.parse(content.toString()) as Resource;
  return resource;
}
