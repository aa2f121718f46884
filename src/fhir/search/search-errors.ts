import { FirekeepError } from '../../platform/errors/index.js';

/** Text of the caller in a message: bounded, so that an error is never larger than its cause. */
export function shown(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

export function unknownParameter(name: string, type: string): FirekeepError {
  return new FirekeepError('invalid', 'FHIR_SEARCH_UNKNOWN_PARAMETER', unknownParameterMessage(name, type));
}

export function unknownParameterMessage(name: string, type: string): string {
  return `${type} has no search parameter "${shown(name)}". The CapabilityStatement at [base]/metadata lists those it has.`;
}

/** A parameter of FHIR that this server does not evaluate: refused even under lenient handling, since leaving it out would return more than was asked for. */
export function unsupportedParameter(name: string, reason: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_UNSUPPORTED_PARAMETER',
    `The search parameter "${shown(name)}" is not supported: ${reason}`,
  );
}

export function unsupportedModifier(name: string, reason: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_UNSUPPORTED_MODIFIER',
    `The modifier in "${shown(name)}" is not supported: ${reason}`,
  );
}

export function invalidValue(name: string, value: string, expected: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_INVALID_VALUE',
    `"${shown(value)}" is not a value of the search parameter "${shown(name)}": expected ${expected}.`,
  );
}

export function repeatedParameter(name: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_REPEATED_PARAMETER',
    `"${shown(name)}" may stand only once in a search.`,
  );
}

export function tooComplex(what: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_TOO_COMPLEX',
    `The search ${what}. Split it into several searches.`,
  );
}

/** A chain or `_has` that is not written as one, or does not follow references. */
export function invalidPath(name: string, reason: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_INVALID_PATH',
    `"${shown(name)}" leads nowhere: ${reason}`,
  );
}
