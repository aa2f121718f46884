/** A scope for resources: `user/Observation.rs?status=final`. */
export interface ResourceScope {
  readonly kind: 'resource';
  readonly text: string;
  readonly context: 'patient' | 'user' | 'system';
  /** `*`: every type. */
  readonly type: string;
  /** In-order subset of `cruds`; version 1 names are turned into it. */
  readonly permissions: string;
  /** What stands behind `?`, null: nothing. */
  readonly query: string | null;
}

/** A scope that is known by its name. */
export interface NamedScope {
  readonly kind: 'named';
  readonly text: string;
}

export type Scope = ResourceScope | NamedScope;

/** Scopes without parameters that can be asked for. */
export const namedScopes = [
  'openid',
  'fhirUser',
  'profile',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
  'admin',
] as const;

const named: ReadonlySet<string> = new Set(namedScopes);
const shape =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(\*|read|write|(?=[cruds])c?r?u?d?s?)(?:\?([\x21\x23-\x5b\x5d-\x7e]{1,1000}))?$/;
const version1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const longest = 4096;
const most = 200;

/**
 * Parses one scope; undefined: this server doesn't know it.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
 */
export function parseScope(text: string): Scope | undefined {
  if (named.has(text)) return { kind: 'named', text };
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, context, type = '', letters = '', query] = match;
  return {
    kind: 'resource',
    text,
    context: context as ResourceScope['context'],
    type,
    permissions: version1[letters] ?? letters,
    query: query ?? null,
  };
}

/** The scopes of a parameter, each once; the first that is unknown where there is one. */
export function parseScopes(
  parameter: string,
):
  | { readonly ok: true; readonly scopes: readonly Scope[] }
  | { readonly ok: false; readonly problem: string } {
  if (parameter.length > longest) return { ok: false, problem: `scope is longer than ${longest} characters` };
  const texts = [...new Set(parameter.split(' ').filter((text) => text !== ''))];
  if (texts.length > most) return { ok: false, problem: `scope has more than ${most} entries` };
  const scopes: Scope[] = [];
  for (const text of texts) {
    const scope = parseScope(text);
    if (scope === undefined) {
      return {
        ok: false,
        problem: `unknown scope ${printable(text)}: use ${namedScopes.join(', ')}, or a SMART scope such as user/Observation.rs`,
      };
    }
    scopes.push(scope);
  }
  return { ok: true, scopes };
}

/** Whether what is allowed covers what is asked: same context, type, permissions, and no wider query. */
export function covers(allowed: readonly Scope[], asked: Scope): boolean {
  if (asked.kind === 'named')
    return allowed.some(({ kind, text }) => kind === 'named' && text === asked.text);
  return allowed.some(
    (scope) =>
      scope.kind === 'resource' &&
      scope.context === asked.context &&
      (scope.type === '*' || scope.type === asked.type) &&
      Array.from(asked.permissions).every((letter) => scope.permissions.includes(letter)) &&
      (scope.query === null || scope.query === asked.query),
  );
}

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
