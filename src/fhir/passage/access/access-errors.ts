import { FirekeepError } from '../../../platform/errors/index.js';
import { unknownResource } from '../../exchange/interaction-errors.js';

/** The same for what is out of reach and for what is not there. */
export function unknownUnlessPosted(type: string, id: string): FirekeepError {
  const { category, code, message } = unknownResource(type, id);
  return new FirekeepError(
    category,
    code,
    `${message} What was granted holds a part of ${type} only: create by POST, which gives the resource its id.`,
  );
}

/** The same for what is out of reach now and for what is not there any more. */
export function outsideAgain(type: string): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'FHIR_IDEMPOTENCY_OUTSIDE',
    `The request was carried out under this Idempotency-Key, but the ${type} that it was answered with is out of ` +
      'reach by now. Nothing was done again.',
  );
}

/** @returns the error for an image after a write that is not what was granted */
export function outside(type: string): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'FHIR_ACCESS_OUTSIDE',
    `The ${type} as it would be stored lies outside of what was granted: it is another patient's or names another ` +
      'patient, it assigns a patient to somebody, or it is not of the kind that the scope or role names.',
  );
}

/** @returns the error for a resource that is seen, but as it is stored is not to be written */
export function outsideBefore(type: string): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'FHIR_ACCESS_OUTSIDE',
    `The ${type} as it is stored can be read, but lies outside of what may be written: it is another patient's or ` +
      'names another patient, or it is not of the kind that the scope or role names.',
  );
}

/** @returns the error where a new version would be made of content that who asks may not know */
export function blindChange(type: string): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'FHIR_ACCESS_OUTSIDE',
    `What comes of changing parts of a ${type} tells what is stored, and this one can't be read: send all of it by ` +
      'PUT, or have the reading of it granted.',
  );
}
