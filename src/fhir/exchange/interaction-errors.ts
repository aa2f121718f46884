import { FirekeepError } from '../../platform/errors/index.js';

export function unknownType(type: string): FirekeepError {
  return new FirekeepError(
    'not-found',
    'FHIR_UNKNOWN_TYPE',
    `There is no resource type "${type.slice(0, 64)}" in FHIR R4.`,
  );
}

export function unknownResource(type: string, id: string): FirekeepError {
  return new FirekeepError('not-found', 'FHIR_UNKNOWN_RESOURCE', `${type}/${id.slice(0, 64)} is not known.`);
}

export function unknownVersion(type: string, id: string, version: string): FirekeepError {
  return new FirekeepError(
    'not-found',
    'FHIR_UNKNOWN_VERSION',
    `${type}/${id.slice(0, 64)} has no version "${version.slice(0, 32)}".`,
  );
}

export function deletedResource(type: string, id: string): FirekeepError {
  return new FirekeepError('gone', 'FHIR_DELETED_RESOURCE', `${type}/${id} was deleted.`);
}

export function versionConflict(message: string): FirekeepError {
  return new FirekeepError('precondition-failed', 'FHIR_VERSION_CONFLICT', message);
}

export function multipleMatches(criteria: string, place?: string): FirekeepError {
  const message = `The criteria "${criteria.slice(0, 200)}" match more than one resource.`;
  return new FirekeepError('precondition-failed', 'FHIR_MULTIPLE_MATCHES', message, {
    issues: [{ message, code: 'multiple-matches', ...(place === undefined ? {} : { expression: place }) }],
  });
}

export function notSupported(what: string): FirekeepError {
  return new FirekeepError('method-not-allowed', 'FHIR_INTERACTION_NOT_SUPPORTED', what);
}

/** Source: FHIR R4 http.html#upsert, "405 Method Not allowed". */
export function updateCreateOff(type: string, id: string): FirekeepError {
  return new FirekeepError(
    'method-not-allowed',
    'FHIR_UPDATE_CREATE_OFF',
    `There is no ${type}/${id}, and this repository gives ids itself: create it by POST to [base]/${type}.`,
    { headers: { allow: 'GET, HEAD, PATCH, DELETE' } },
  );
}

/** Source: FHIR R4 http.html#cond-update. */
export function otherIdMatches(criteria: string, given: string, match: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_CONDITIONAL_ID_MISMATCH',
    `The criteria "${criteria.slice(0, 200)}" match the resource "${match}", but the body has the id "${given}".`,
  );
}

export function idBelongsToOther(criteria: string, type: string, id: string): FirekeepError {
  return new FirekeepError(
    'conflict',
    'FHIR_CONDITIONAL_ID_TAKEN',
    `The criteria "${criteria.slice(0, 200)}" match nothing, and ${type}/${id}, which the body names, is another resource.`,
  );
}

export function noMatch(criteria: string): FirekeepError {
  return new FirekeepError(
    'not-found',
    'FHIR_NO_MATCH',
    `The criteria "${criteria.slice(0, 200)}" match no resource.`,
  );
}

export function tooManyMatches(criteria: string, limit: number): FirekeepError {
  return new FirekeepError(
    'precondition-failed',
    'FHIR_TOO_MANY_MATCHES',
    `The criteria "${criteria.slice(0, 200)}" match more than ${limit} resources. Make them narrower.`,
  );
}

/** What a criterion found was changed while it was being locked. */
export function matchOvertaken(criteria: string): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'FHIR_MATCH_OVERTAKEN',
    `What the criteria "${criteria.slice(0, 200)}" match was changed at the same moment. Nothing was done; try again.`,
    { retryAfter: 1 },
  );
}

/** @param member the type that is not in the compartment; undefined: there is no such compartment at all */
export function unknownCompartment(type: string, member?: string): FirekeepError {
  return new FirekeepError(
    'not-found',
    'FHIR_UNKNOWN_COMPARTMENT',
    member === undefined
      ? `${type} has no compartment. Patient, Encounter, Practitioner, RelatedPerson and Device have one.`
      : `No ${member} is ever in the compartment of a ${type}.`,
  );
}
