import type { Definitions } from '../../definitions/index.js';
import type { ReferenceValue } from '../index-values.js';
import type { ExtractionContext } from './extraction-context.js';
import { splitReference } from './reference-text.js';
import { isFields, itemsOf, textOf } from './visit.js';
import type { Fields, Run, Target, Visit } from './visit.js';

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]{0,40}:/;
const HISTORY = '/_history/';

/** What a literal reference points to: a resource of this repository, else a URL. */
export type LiteralReference = Pick<ReferenceValue, 'targetType' | 'targetId' | 'targetVersion' | 'url'>;

const NOWHERE: LiteralReference = { targetType: null, targetId: null, targetVersion: null, url: null };

function isOwnBase(base: string, bases: readonly string[]): boolean {
  return bases.some((own) => own === base || (own.endsWith('/') && own.slice(0, -1) === base));
}

/**
 * What the text of a reference points to: a resource of this repository, or a URL elsewhere, both without
 * `/_history/version`. Null for a contained resource (`#x`) and for what is neither `Type/id` nor absolute.
 *
 * Source: FHIR R4 references.html#literal.
 */
export function parseReference(
  text: string,
  definitions: Pick<Definitions, 'isResourceType'>,
  context: Pick<ExtractionContext, 'bases'>,
): LiteralReference | null {
  if (text.startsWith('#')) return null;
  const parts = splitReference(text);
  const known = parts !== undefined && definitions.isResourceType(parts.type);
  if (known && (parts.base === null || isOwnBase(parts.base, context.bases))) {
    return { targetType: parts.type, targetId: parts.id, targetVersion: parts.version, url: null };
  }
  if (!SCHEME.test(text)) return null;
  const version = parts?.version ?? null;
  const url = version === null ? text : text.slice(0, text.lastIndexOf(HISTORY));
  return { targetType: null, targetId: null, targetVersion: version, url };
}

/**
 * The type that a Reference points to, without following it: by its text, else by Reference.type; undefined
 * where neither tells. The text of a reference to a resource elsewhere tells as well.
 */
export function referencedType(value: unknown, definitions: Definitions): string | undefined {
  if (!isFields(value)) return undefined;
  const text = textOf(value, 'reference');
  const type = text === null ? undefined : splitReference(text)?.type;
  if (type !== undefined && definitions.isResourceType(type)) return type;
  return textOf(value, 'type') ?? undefined;
}

function identifierOf(reference: Fields): ReferenceValue['identifier'] {
  const { identifier } = reference;
  if (!isFields(identifier)) return null;
  const value = textOf(identifier, 'value');
  return value === null ? null : { system: textOf(identifier, 'system'), value };
}

function statesSomething(reference: Fields): boolean {
  const texts = ['reference', 'type', 'display'];
  return isFields(reference.identifier) || texts.some((name) => textOf(reference, name) !== null);
}

function visitReference(definitions: Definitions): Visit {
  return (value, _owner, _key, run) => {
    if (!isFields(value)) return;
    const text = textOf(value, 'reference');
    const literal = text === null ? null : parseReference(text, definitions, run.context);
    const identifier = identifierOf(value);
    // A display, a contained resource or a type alone has a value too: `:missing` tells it from nothing at all.
    if (literal === null && !statesSomething(value)) return;
    const reference = { ...(literal ?? NOWHERE), canonicalVersion: null, identifier };
    if (literal?.targetType != null || (text === null && identifier === null)) {
      run.values.push({ type: 'reference', ...reference });
      return;
    }
    run.values.push({ type: 'reference', ...reference, statedType: statedType(value, run, definitions) });
  };
}

/** The type that a reference to what is not in the repository says to be of; null: it says none. */
function statedType(reference: Fields, run: Run, definitions: Definitions): string | null {
  const text = textOf(reference, 'reference') ?? '';
  const type = text.startsWith('#') ? containedType(text.slice(1), run.resource) : splitReference(text)?.type;
  if (type === 'Patient' || type === 'Group') return type;
  const stated = textOf(reference, 'type');
  // What is said twice counts as the worse of both.
  if (stated === 'Patient' || stated === 'Group') return stated;
  return [type, stated].find((name) => name != null && definitions.isResourceType(name)) ?? null;
}

/** By resource: the types of what is contained in it, by id. */
const containedTypes = new WeakMap<object, ReadonlyMap<string, string>>();

function containedType(id: string, resource: unknown): string | undefined {
  if (!isFields(resource)) return undefined;
  let types = containedTypes.get(resource);
  if (types === undefined) {
    types = typesOf(itemsOf(resource, 'contained'));
    containedTypes.set(resource, types);
  }
  return types.get(id);
}

/** Of two with one id, the one that may stand for patients counts. */
function typesOf(contained: readonly unknown[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const one of contained) {
    if (!isFields(one)) continue;
    const id = textOf(one, 'id');
    const type = textOf(one, 'resourceType') ?? '';
    if (id !== null && (!types.has(id) || type === 'Patient' || type === 'Group')) types.set(id, type);
  }
  return types;
}

/** `url|version`; a fragment names a part of the target and is left out. */
function visitCanonical(definitions: Definitions): Visit {
  return (value, _owner, _key, run) => {
    if (typeof value !== 'string') return;
    const bar = value.indexOf('|');
    const [url = ''] = (bar < 0 ? value : value.slice(0, bar)).split('#', 1);
    const [version = ''] = bar < 0 ? [] : value.slice(bar + 1).split('#', 1);
    const literal = parseReference(url, definitions, run.context);
    if (literal === null) return;
    const canonicalVersion = version === '' ? null : version;
    run.values.push({ type: 'reference', ...literal, canonicalVersion, identifier: null });
  };
}

/** A resource in a Bundle's entry is referred to by the entry's fullUrl, else by its own type and id. */
function visitEntry(definitions: Definitions, targets: readonly string[]): Visit {
  return (value, owner, _key, run) => {
    if (!isFields(value) || !isFields(owner)) return;
    const type = textOf(value, 'resourceType');
    if (type === null || !targets.includes(type)) return;
    const id = textOf(value, 'id');
    const text = textOf(owner, 'fullUrl') ?? (id === null ? null : `${type}/${id}`);
    const literal = text === null ? null : parseReference(text, definitions, run.context);
    if (literal === null) return;
    run.values.push({ type: 'reference', ...literal, canonicalVersion: null, identifier: null });
  };
}

/** Index values of reference parameters. Source: FHIR R4 search.html#reference. */
export function referenceConverter(
  target: Target,
  targets: readonly string[],
  definitions: Definitions,
): Visit | undefined {
  switch (target.type.code) {
    case 'Reference':
      return visitReference(definitions);
    case 'canonical':
    case 'uri':
    case 'url':
      return visitCanonical(definitions);
    case 'Resource':
      return visitEntry(definitions, targets);
    default:
      return undefined;
  }
}
