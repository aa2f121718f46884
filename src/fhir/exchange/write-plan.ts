import { readResourceText, spliceVersion } from '../format/resource-text.js';
import type { PlannedWrite, StoredResource, WriteContext } from '../storage/ports.js';
import { withLastingLabels } from './meta-labels.js';
import { updateCreateOff } from './interaction-errors.js';
import type { InteractionResult } from './interaction-result.js';
import { checkPrecondition, type WritePrecondition } from './preconditions.js';
import type { IncomingResource } from './resource-intake.js';

/** A write, if one is needed, and what the caller is told. Made inside the store's transaction. */
export interface Plan {
  readonly write?: PlannedWrite;
  readonly result: InteractionResult;
}

/** What an update is told of who asks. */
export type Revising = Pick<WriteContext, 'now' | 'mayRead' | 'mayKnow' | 'requireRevisable'>;

/** A new resource. Source: FHIR R4 http.html#create. */
export function planCreate(incoming: IncomingResource, id: string, now: number): Plan {
  return planVersion(incoming, id, 1, now, 'create', 'POST');
}

/**
 * A new version with content that a client sends, which keeps the security labels and tags of the current one, unless
 * it is what is stored already. Without a body in the result where it has labels that the caller may not read.
 * Source: FHIR R4 http.html#update.
 *
 * @param current the row of the resource, deleted or not; undefined: there never was one, so that it is created
 */
export function planUpdate(
  incoming: IncomingResource,
  id: string,
  current: StoredResource | undefined,
  { now, mayRead, mayKnow, requireRevisable }: Revising,
  precondition: WritePrecondition = {},
): Plan {
  if (current?.deleted === false) requireRevisable(current, 'what was sent');
  checkPrecondition(incoming.text.type, id, current, precondition);
  if (current === undefined || current.deleted) return planRevision(incoming, id, current, now);
  const unlabelled = spliceVersion(incoming.text, { ...current, id });
  const labelled = withLastingLabels(unlabelled, current.content);
  // Whether it is what is stored already is told to who may know that.
  const isKnown = mayKnow(current);
  if (labelled === undefined) {
    return planNext(incoming, isKnown ? unlabelled : undefined, id, current, now);
  }
  const relabelled = incoming.relabelled(readResourceText(labelled));
  return asReadable(planNext(relabelled, isKnown ? labelled : undefined, id, current, now), mayRead);
}

/** The plan without a body in its result where the caller may not read what that would show. */
export function asReadable(plan: Plan, mayRead: WriteContext['mayRead']): Plan {
  const { body, version } = plan.result;
  if (body === undefined || version === undefined) return plan;
  if (mayRead({ ...version, deleted: false, content: body })) return plan;
  const { body: _hidden, ...result } = plan.result;
  return { ...plan, result };
}

/** A new version with content that was made from the current one, as `planUpdate`. */
export function planRevision(
  incoming: IncomingResource,
  id: string,
  current: StoredResource | undefined,
  now: number,
  precondition: WritePrecondition = {},
): Plan {
  checkPrecondition(incoming.text.type, id, current, precondition);
  if (current === undefined) return planVersion(incoming, id, 1, now, 'create', 'PUT');
  if (current.deleted) return planVersion(incoming, id, current.version + 1, now, 'revive', 'PUT');
  return planNext(incoming, spliceVersion(incoming.text, { ...current, id }), id, current, now);
}

/** @param same the new content as it would be stored as the current version; undefined: it makes a version in any case */
function planNext(
  incoming: IncomingResource,
  same: Buffer | undefined,
  id: string,
  current: StoredResource,
  now: number,
): Plan {
  if (same?.equals(current.content) === true) return { result: storedResult(current) };
  return planVersion(incoming, id, current.version + 1, now, 'update', 'PUT');
}

/**
 * Refuses an update that would create, where the repository does not let clients choose ids. What was deleted has
 * had its id already. Source: FHIR R4 http.html#upsert.
 *
 * @throws FirekeepError `FHIR_UPDATE_CREATE_OFF`
 */
export function requireUpdateCreate(
  isAllowed: boolean,
  type: string,
  id: string,
  current: StoredResource | undefined,
): void {
  if (!isAllowed && current === undefined) throw updateCreateOff(type, id);
}

/** A deletion; of what isn't there, nothing. Source: FHIR R4 http.html#delete. */
export function planDelete(
  type: string,
  id: string,
  current: StoredResource | undefined,
  now: number,
  precondition: WritePrecondition = {},
): Plan {
  checkPrecondition(type, id, current, precondition);
  if (current === undefined || current.deleted) return { result: { status: 204 } };
  const version = current.version + 1;
  return {
    write: { kind: 'delete', type, id, version, lastUpdated: now },
    result: { status: 204, version: { type, id, version, lastUpdated: now } },
  };
}

/** The answer where an existing resource is what was asked for. */
export function storedResult(stored: StoredResource): InteractionResult {
  const { type, id, version, lastUpdated, content } = stored;
  return { status: 200, body: content, version: { type, id, version, lastUpdated } };
}

function planVersion(
  incoming: IncomingResource,
  id: string,
  version: number,
  now: number,
  change: 'create' | 'update' | 'revive',
  method: 'POST' | 'PUT',
): Plan {
  const { type } = incoming.text;
  const content = spliceVersion(incoming.text, { id, version, lastUpdated: now });
  const kind = change === 'create' ? 'create' : 'update';
  return {
    write: {
      kind,
      type,
      id,
      version,
      lastUpdated: now,
      content,
      values: incoming.values,
      method,
      indexing: incoming.indexing,
      ...(incoming.defines === undefined ? {} : { defines: incoming.defines }),
      ...(incoming.references === undefined ? {} : { references: incoming.references }),
    },
    result: {
      status: change === 'update' ? 200 : 201,
      body: content,
      version: { type, id, version, lastUpdated: now },
      ...(incoming.warnings.length === 0 ? {} : { warnings: incoming.warnings }),
    },
  };
}
