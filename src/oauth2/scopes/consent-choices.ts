import { covers, parseScope, parseScopes, type ResourceScope } from './scope-grammar.js';

/** Parts of a type that a scope can be narrowed to. */
export interface Category {
  readonly system: string;
  readonly code: string;
}

/** What the form of the consent page may narrow a scope to. */
export interface Narrowing {
  /** Some of what the scope permits is more than reading. */
  readonly reading: boolean;
  readonly categories: readonly Category[];
}

export type ConsentChoice =
  | { readonly ok: true; readonly scopes: readonly string[] }
  /** `forged`: the page that was shown can't have sent it; `none`: nothing is left; `long`: too many parts for one token. */
  | { readonly ok: false; readonly problem: 'forged' | 'none' | 'long' };

const observation = 'http://terminology.hl7.org/CodeSystem/observation-category';
const condition = 'http://terminology.hl7.org/CodeSystem/condition-category';
const usCore = 'http://hl7.org/fhir/us/core/CodeSystem';

/** https://hl7.org/fhir/us/core/scopes.html#us-core-scopes and the categories of HL7's terminology */
const categoriesOf: Readonly<Record<string, readonly Category[]>> = {
  Condition: [
    { system: condition, code: 'problem-list-item' },
    { system: condition, code: 'encounter-diagnosis' },
    { system: `${usCore}/condition-category`, code: 'health-concern' },
  ],
  Observation: [
    ...[
      'vital-signs',
      'laboratory',
      'social-history',
      'survey',
      'imaging',
      'procedure',
      'exam',
      'therapy',
      'activity',
    ].map((code) => ({ system: observation, code })),
    { system: `${usCore}/us-core-category`, code: 'sdoh' },
  ],
};

/** How a scope can be narrowed; undefined: it is granted whole or not at all. */
export function narrowingOf(text: string): Narrowing | undefined {
  const scope = parseScope(text);
  if (scope?.kind !== 'resource') return undefined;
  const reading = readingOf(scope);
  const narrowing = {
    reading: reading !== '' && reading !== scope.permissions,
    categories: scope.query === null ? (categoriesOf[scope.type] ?? []) : [],
  };
  return narrowing.reading || narrowing.categories.length > 0 ? narrowing : undefined;
}

/**
 * What a person left of the scopes that were asked for. Fields of the form: `scope` with its text for each that stays;
 * `reading` with its text where nothing may be changed; `category` with text and code, parted by a space, for each
 * part where not all is allowed. Anything that the page doesn't offer is refused, so nothing can be added.
 */
export function chosenScopes(asked: readonly string[], form: URLSearchParams): ConsentChoice {
  const offered = new Set(asked);
  const kept = form.getAll('scope');
  const narrowed = [...form.getAll('reading'), ...form.getAll('category').map(scopePart)];
  if (![...kept, ...narrowed].every((text) => offered.has(text))) return { ok: false, problem: 'forged' };
  const left: string[] = [];
  for (const text of new Set(kept)) {
    const reading = form.getAll('reading').includes(text);
    const codes = form
      .getAll('category')
      .filter((value) => scopePart(value) === text)
      .map((value) => value.slice(text.length + 1));
    const scopes = narrow(text, reading, codes);
    if (scopes === undefined) return { ok: false, problem: 'forged' };
    left.push(...scopes);
  }
  if (left.length === 0) return { ok: false, problem: 'none' };
  return within(asked, left);
}

/** Whatever came out above, it is within what was asked for. */
function within(asked: readonly string[], left: readonly string[]): ConsentChoice {
  const bounds = parseScopes(asked.join(' '));
  const parsed = parseScopes(left.join(' '));
  if (!parsed.ok) return { ok: false, problem: 'long' };
  if (!bounds.ok || !parsed.scopes.every((scope) => covers(bounds.scopes, scope))) {
    return { ok: false, problem: 'forged' };
  }
  return { ok: true, scopes: parsed.scopes.map(({ text }) => text) };
}

/** @returns undefined where the scope can't be narrowed in this way. */
function narrow(text: string, reading: boolean, codes: readonly string[]): readonly string[] | undefined {
  if (!reading && codes.length === 0) return [text];
  const narrowing = narrowingOf(text);
  const scope = parseScope(text);
  if (narrowing === undefined || scope?.kind !== 'resource') return undefined;
  if (reading && !narrowing.reading) return undefined;
  const permissions = reading ? readingOf(scope) : scope.permissions;
  const base = `${scope.context}/${scope.type}.${permissions}`;
  if (codes.length === 0) return [scope.query === null ? base : `${base}?${scope.query}`];
  const parts = codes.map((wanted) => narrowing.categories.find(({ code }) => code === wanted));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return parts.map(({ system, code }) => `${base}?category=${system}|${code}`);
}

function readingOf({ permissions }: ResourceScope): string {
  return permissions.replaceAll(/[^rs]/g, '');
}

function scopePart(value: string): string {
  return value.split(' ')[0] ?? '';
}
