/** A resource scope, parsed. */
export interface ResourceScope {
  readonly context: 'patient' | 'user' | 'system';
  /** `*`: every type. */
  readonly resourceType: string;
  readonly create: boolean;
  readonly read: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly search: boolean;
  /** What stands behind `?`; null: nothing. */
  readonly query: string | null;
}

const shape =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(\*|read|write|c?r?u?d?s?)(?:\?([^\s]{1,1000}))?$/;
const v1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/**
 * Parses a SMART scope for resources, version 1 or 2; undefined: it is another kind of scope, or malformed.
 * Version 1 `read` means `rs`, `write` means `cud`, `*` means `cruds`.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
 */
export function parseResourceScope(text: string): ResourceScope | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, context, resourceType = '', permissions = '', query = null] = match;
  const letters = v1[permissions] ?? permissions;
  if (letters === '' || (query !== null && permissions in v1)) return undefined;
  return {
    context: context as ResourceScope['context'],
    resourceType,
    create: letters.includes('c'),
    read: letters.includes('r'),
    update: letters.includes('u'),
    delete: letters.includes('d'),
    search: letters.includes('s'),
    query,
  };
}
