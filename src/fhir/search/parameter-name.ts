import { invalidPath, tooComplex } from './search-errors.js';

/** `code:modifier` taken apart. */
export interface ParameterName {
  readonly code: string;
  readonly modifier: string | undefined;
}

/** The name of a parameter, by the links that lead from the resource that is searched to the one it is of. */
export type ParameterPath =
  | ({ readonly kind: 'own' } & ParameterName)
  /** `code.rest`, `code:type.rest`: a parameter of what the reference leads to. */
  | {
      readonly kind: 'chain';
      readonly code: string;
      readonly type: string | undefined;
      readonly rest: ParameterPath;
    }
  /** `_has:type:code:rest`: a parameter of what refers here. */
  | { readonly kind: 'has'; readonly type: string; readonly code: string; readonly rest: ParameterPath };

const reverse = '_has:';

/**
 * Source: FHIR R4 search.html#modifiers, search.html#chaining, search.html#has.
 *
 * @param depth links that the name may have
 * @throws FirekeepError 400 `FHIR_SEARCH_INVALID_PATH`, `FHIR_SEARCH_TOO_COMPLEX`
 */
export function parseParameterPath(name: string, depth: number): ParameterPath {
  return readPath(name, name, depth, depth);
}

function readPath(name: string, text: string, left: number, depth: number): ParameterPath {
  const isReverse = text.startsWith(reverse);
  const dot = text.indexOf('.');
  if (!isReverse && dot === -1) return ownName(name, text);
  if (left === 0) throw tooComplex(`has a parameter that follows more than ${depth} references`);
  if (isReverse) {
    const [, type = '', code = '', ...rest] = text.split(':');
    if (type === '' || code === '' || rest.length === 0) {
      throw invalidPath(name, 'expected _has:Type:reference:parameter.');
    }
    return { kind: 'has', type, code, rest: readPath(name, rest.join(':'), left - 1, depth) };
  }
  const [code = '', type, ...others] = text.slice(0, dot).split(':');
  if (code === '' || type === '' || others.length > 0) {
    throw invalidPath(name, 'expected reference.parameter or reference:Type.parameter.');
  }
  return { kind: 'chain', code, type, rest: readPath(name, text.slice(dot + 1), left - 1, depth) };
}

function ownName(name: string, text: string): ParameterPath {
  const own = parseParameterName(text);
  if (own.code === '') throw invalidPath(name, 'there is no name of a parameter.');
  if (own.code === '_has') throw invalidPath(name, 'expected _has:Type:reference:parameter.');
  return { kind: 'own', ...own };
}

/** A name without links. Source: FHIR R4 search.html#modifiers. */
export function parseParameterName(text: string): ParameterName {
  const colon = text.indexOf(':');
  return {
    code: colon === -1 ? text : text.slice(0, colon),
    modifier: colon === -1 ? undefined : text.slice(colon + 1),
  };
}
