import { matchesVersion, parseEntityTags, parseHttpDate, type EntityTags } from '../format/entity-tag.js';
import type { StoredResource } from '../storage/ports.js';
import { versionConflict } from './interaction-errors.js';

/*
 * If-Match, If-None-Match and If-Modified-Since: how they are read, whichever way they come, and what they demand.
 * If-None-Exist is criteria, and part of a create.
 */

/** Texts of headers, or of the members of `Bundle.entry.request` that stand for them. */
export interface SentConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

/** What must hold of the current version. Source: FHIR R4 http.html#concurrency, http.html#cond-update. */
export interface WritePrecondition {
  readonly ifMatch?: EntityTags;
  readonly ifNoneMatch?: EntityTags;
}

/** Conditions of a read. Source: FHIR R4 http.html#cread. */
export interface ReadCondition {
  readonly ifNoneMatch?: EntityTags;
  /** Milliseconds since the epoch. */
  readonly ifModifiedSince?: number;
}

const none = {};

/** @throws FirekeepError 400 */
export function writePrecondition({ ifMatch, ifNoneMatch }: SentConditions): WritePrecondition {
  if (ifMatch === undefined && ifNoneMatch === undefined) return none;
  return {
    ...(ifMatch === undefined ? {} : { ifMatch: parseEntityTags('If-Match', ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: parseEntityTags('If-None-Match', ifNoneMatch) }),
  };
}

/** A date that is none is left out. Source: RFC 9110 section 13.1.3. @throws FirekeepError 400 */
export function readCondition({ ifNoneMatch, ifModifiedSince }: SentConditions): ReadCondition {
  if (ifNoneMatch === undefined && ifModifiedSince === undefined) return none;
  const since = ifModifiedSince === undefined ? undefined : parseHttpDate(ifModifiedSince);
  return {
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: parseEntityTags('If-None-Match', ifNoneMatch) }),
    ...(since === undefined ? {} : { ifModifiedSince: since }),
  };
}

/** Doesn't say which version it is: who may write need not be one who may read. @throws FirekeepError `FHIR_VERSION_CONFLICT` */
export function checkPrecondition(
  type: string,
  id: string,
  current: StoredResource | undefined,
  { ifMatch, ifNoneMatch }: WritePrecondition,
): void {
  const exists = current !== undefined && !current.deleted;
  if (ifMatch !== undefined && !(exists && matchesVersion(ifMatch, current.version))) {
    const actual = exists ? 'than the current one; read it again' : 'and there is none now';
    throw versionConflict(`If-Match names another version of ${type}/${id} ${actual}.`);
  }
  if (ifNoneMatch !== undefined && exists && matchesVersion(ifNoneMatch, current.version)) {
    throw versionConflict(`If-None-Match: ${type}/${id} exists in a version that it names.`);
  }
}

/** RFC 9110 section 13.2.2: If-Modified-Since counts only where If-None-Match is absent. */
export function isUnmodified(
  { version, lastUpdated }: StoredResource,
  { ifNoneMatch, ifModifiedSince }: ReadCondition,
): boolean {
  if (ifNoneMatch !== undefined) return matchesVersion(ifNoneMatch, version);
  // HTTP dates have whole seconds.
  return ifModifiedSince !== undefined && Math.floor(lastUpdated / 1000) * 1000 <= ifModifiedSince;
}
