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
