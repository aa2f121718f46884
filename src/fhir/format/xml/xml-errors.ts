import { FirekeepError, type ErrorCategory } from '../../../platform/errors/index.js';

/** Where something stands in an XML text. */
export interface XmlPlace {
  /** `Patient.contact[1].name`; empty: outside of any resource. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

const longest = 300;

/** An XML text that is not taken, with its place in the message and as an issue. */
export function xmlError(
  code: string,
  what: string,
  { path, line }: XmlPlace,
  category: ErrorCategory = 'invalid',
): FirekeepError {
  // Names come from the text and may be of any length.
  const shortened = what.length > longest ? `${what.slice(0, longest)}…` : what;
  const message = `${shortened} (${path === '' ? '' : `${path}, `}line ${line})`;
  return new FirekeepError(category, code, message, {
    issues: path === '' ? [] : [{ message, expression: path }],
  });
}

/** Bytes or characters that XML is not read from. */
export function xmlEncoding(what: string): FirekeepError {
  return new FirekeepError('invalid', 'FHIR_XML_ENCODING', `${what} Send XML in UTF-8.`);
}

export function xmlTooLarge(what: string): FirekeepError {
  return new FirekeepError('too-large', 'FHIR_XML_LIMIT', what);
}

/**
 * A stored resource that has no XML form without a loss: it was stored without validation.
 *
 * @param path of the element; empty: the whole text
 */
export function notRepresentable(what: string, path: string): FirekeepError {
  const place = path === '' ? 'The resource' : path;
  const message = `${place} can't be written as XML: ${what} Ask for JSON.`;
  return new FirekeepError('not-acceptable', 'FHIR_XML_NOT_REPRESENTABLE', message, {
    issues: path === '' ? [] : [{ message, expression: path }],
  });
}
