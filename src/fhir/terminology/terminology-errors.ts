import { FirekeepError } from '../../platform/errors/index.js';
import { shown } from '../search/search-errors.js';

export function unknownValueSet(reference: string): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_VALUE_SET_UNKNOWN',
    `There is no value set "${shown(reference)}": it is neither one of FHIR R4 nor stored here where you can see it. Store it as a ValueSet.`,
  );
}

/** @param reason goes on behind a colon and names what is missing */
export function notExpandable(valueSet: string, reason: string): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_VALUE_SET_NOT_EXPANDABLE',
    `The value set "${shown(valueSet)}" can't be expanded here: ${reason}`,
  );
}

export function unknownCodeSystem(url: string): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_CODE_SYSTEM_UNKNOWN',
    `The concepts of the code system "${shown(url)}" are not known here. Store it as a CodeSystem with its concepts.`,
  );
}

export function unknownConcept(system: string, code: string): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_CONCEPT_UNKNOWN',
    `The code system "${shown(system)}" has no concept "${shown(code)}".`,
  );
}

/** @param what at the start of the sentence */
export function tooLarge(what: string, limit: number): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_TERMINOLOGY_TOO_LARGE',
    `${what} has more than ${limit} codes. Name a smaller part of it.`,
  );
}
