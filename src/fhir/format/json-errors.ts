import { FirekeepError } from '../../platform/errors/index.js';

/** A text that isn't JSON, with the place in bytes from the start of the body. */
export function malformedJson(what: string, position: number): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_MALFORMED_JSON',
    `The body is not well-formed JSON: ${what} at byte ${position}.`,
  );
}

export function jsonTooLarge(what: string): FirekeepError {
  return new FirekeepError('invalid', 'FHIR_JSON_LIMIT', `The body has ${what}.`);
}

export function duplicateKey(name?: string): FirekeepError {
  const which = name === undefined ? 'A member' : `The member "${name.slice(0, 64)}"`;
  return new FirekeepError(
    'invalid',
    'FHIR_DUPLICATE_KEY',
    `${which} of an object in the body appears twice. Send each member once.`,
  );
}

export function forbiddenKey(name: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_FORBIDDEN_KEY',
    `The body has a member named "${name}", which no FHIR resource has.`,
  );
}

/** The body is JSON, but not of the shape that a resource or Bundle has. */
export function wrongShape(message: string, expression?: string): FirekeepError {
  return new FirekeepError('invalid', 'FHIR_INVALID_RESOURCE', message, {
    issues: expression === undefined ? [] : [{ message, expression }],
  });
}
