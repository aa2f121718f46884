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
    `The ${type} as it would be stored lies outside of what was granted: another patient's, or not of the kind ` +
      'that the scope names.',
  );
}
