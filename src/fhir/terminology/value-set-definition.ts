import { isFields, itemsOf, textOf, type Fields } from '../search/extraction/visit.js';

/** A ValueSet as an expansion sees it. Source: FHIR R4 valueset.html#compositions. */
export interface ValueSetDefinition {
  /** For messages: its URL, else its id. */
  readonly name: string;
  readonly include: readonly ValueSetPart[];
  readonly exclude: readonly ValueSetPart[];
  /** False: concepts that are not for use any more are left out. */
  readonly inactive: boolean;
  /** The expansion that is stored with it, where it says nothing of how it is composed. */
  readonly expansion: StoredExpansion | null;
}

export interface StoredExpansion {
  readonly codes: readonly { readonly system: string; readonly code: string }[];
  /** False: it is a page, or a cut, of all codes. */
  readonly isWhole: boolean;
}

/** Concepts of a system that pass all filters and are in all of the value sets. */
export interface ValueSetPart {
  readonly system: string | null;
  readonly version: string | null;
  /** Null: not enumerated. */
  readonly concepts: readonly string[] | null;
  readonly filters: readonly ConceptFilter[];
  readonly valueSets: readonly string[];
}

export interface ConceptFilter {
  readonly property: string;
  readonly op: string;
  readonly value: string;
}

/** Takes a resource of any shape; undefined where it neither composes nor lists anything. */
export function valueSetDefinition(resource: unknown): ValueSetDefinition | undefined {
  if (!isFields(resource)) return undefined;
  const name = textOf(resource, 'url') ?? textOf(resource, 'id') ?? '';
  const compose = isFields(resource.compose) ? resource.compose : undefined;
  const expansion = compose === undefined && isFields(resource.expansion) ? resource.expansion : undefined;
  if (compose === undefined && expansion === undefined) return undefined;
  return {
    name,
    include: compose === undefined ? [] : partsOf(compose, 'include'),
    exclude: compose === undefined ? [] : partsOf(compose, 'exclude'),
    inactive: compose?.inactive !== false,
    expansion: expansion === undefined ? null : storedExpansion(expansion),
  };
}

function partsOf(compose: Fields, property: 'include' | 'exclude'): ValueSetPart[] {
  return itemsOf(compose, property)
    .filter(isFields)
    .map((part) => ({
      system: textOf(part, 'system'),
      version: textOf(part, 'version'),
      concepts: 'concept' in part ? codesOf(part) : null,
      filters: itemsOf(part, 'filter').filter(isFields).map(filterOf),
      valueSets: itemsOf(part, 'valueSet').filter((url): url is string => typeof url === 'string'),
    }));
}

function codesOf(part: Fields): string[] {
  return itemsOf(part, 'concept').flatMap((concept) =>
    isFields(concept) ? (textOf(concept, 'code') ?? []) : [],
  );
}

function filterOf(filter: Fields): ConceptFilter {
  return {
    property: textOf(filter, 'property') ?? '',
    op: textOf(filter, 'op') ?? '',
    value: textOf(filter, 'value') ?? '',
  };
}

function storedExpansion(expansion: Fields): StoredExpansion {
  const codes: { system: string; code: string }[] = [];
  const waiting = [...itemsOf(expansion, 'contains')];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (!isFields(item)) continue;
    const [system, code] = [textOf(item, 'system'), textOf(item, 'code')];
    // An abstract entry groups others and is no code to be found.
    if (system !== null && code !== null && item.abstract !== true) codes.push({ system, code });
    waiting.push(...itemsOf(item, 'contains'));
  }
  const { total, offset } = expansion;
  const isWhole =
    (typeof total !== 'number' || total <= codes.length) && (typeof offset !== 'number' || offset === 0);
  return { codes, isWhole };
}
