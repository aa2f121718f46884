import type { Element } from './elements.js';
import { fieldsAt, isFields, textAt } from './json.js';
import { resourceAt, type World, type WorldResource } from './world.js';

/** Where a reference points: into the repository by type and id, or to an address elsewhere. */
export interface Pointer {
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  readonly url?: string | undefined;
  /** Of the resource, or of the canonical. */
  readonly version?: string | undefined;
}

const id = '[A-Za-z0-9.-]{1,64}';
const relative = new RegExp(`^([A-Z][A-Za-z]+)/(${id})(?:/_history/(${id}))?$`);

/** Undefined for a contained resource and for what is no address. Source: FHIR R4 references.html#literal. */
export function pointerOf(text: string, bases: readonly string[]): Pointer | undefined {
  const base = bases.find((own) => text.startsWith(`${own}/`));
  const rest = base === undefined ? text : text.slice(base.length + 1);
  const [, type, target, version] = relative.exec(rest) ?? [];
  if (type !== undefined && target !== undefined) return { type, id: target, version };
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return undefined;
  const [, url, history] = new RegExp(`^(.*/[A-Z][A-Za-z]+/${id})/_history/(${id})$`).exec(text) ?? [];
  return url === undefined ? { url: text } : { url, version: history };
}

function canonicalPointer(text: string, bases: readonly string[]): Pointer | undefined {
  const [url = '', version] = text.split('|');
  const pointer = pointerOf(url, bases);
  return version === undefined || pointer === undefined ? pointer : { ...pointer, version };
}

/** The pointers of an element of a reference parameter. */
export function pointersOf({ type, value }: Element, bases: readonly string[]): Pointer[] {
  const text = isFields(value) ? textAt(value, 'reference') : value;
  if (typeof text !== 'string') return [];
  const pointer = type === 'Reference' ? pointerOf(text, bases) : canonicalPointer(text, bases);
  return pointer === undefined ? [] : [pointer];
}

/** Reference.identifier of an element. */
export function logicalIdentifier({ value }: Element) {
  const identifier = fieldsAt(value, 'identifier');
  const [system, code] = [textAt(identifier, 'system'), textAt(identifier, 'value')];
  return system === undefined && code === undefined ? undefined : { system, code };
}

/**
 * Whether a pointer is meant by the text of a search.
 * Source: FHIR R4 search.html#reference, search.html#versions.
 *
 * @param modifier a resource type, or `above` or `below` for versions of canonicals
 */
export function pointerPasses(
  pointer: Pointer,
  text: string,
  bases: readonly string[],
  modifier: string | undefined,
): boolean {
  const isVersions = modifier === 'above' || modifier === 'below';
  if (modifier !== undefined && !isVersions && pointer.type !== modifier) return false;
  if (new RegExp(`^${id}$`).test(text)) return pointer.id === text;
  const wanted = canonicalPointer(text, bases);
  if (wanted === undefined) return false;
  if (wanted.version !== undefined && !versionPasses(pointer.version, wanted.version, modifier)) return false;
  if (wanted.url !== undefined) return wanted.url === pointer.url;
  return wanted.type === pointer.type && wanted.id === pointer.id;
}

/** `1.4` is above `1.4.2`, which is below it. */
export function versionPasses(
  version: string | undefined,
  wanted: string,
  modifier: string | undefined,
): boolean {
  if (version === undefined || version === wanted) return version === wanted;
  if (modifier === 'below') return version.startsWith(`${wanted}.`);
  return modifier === 'above' && wanted.startsWith(`${version}.`);
}

/** The current resources of the world that the elements of a reference parameter lead to. */
export function targetsOf(world: World, elements: readonly Element[]): WorldResource[] {
  const found = elements
    .flatMap((element) => pointersOf(element, world.bases))
    .map(({ type, id: target }) =>
      type === undefined || target === undefined ? undefined : resourceAt(world, type, target),
    )
    .filter((resource) => resource !== undefined);
  return [...new Set(found)];
}
