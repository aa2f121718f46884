import { unescapeValue } from '../escaping.js';
import { parseReference } from '../extraction/index.js';
import { partOfParameter } from '../part-of.js';
import type { Lookup, SimpleTest } from '../query.js';
import { invalidValue } from '../search-errors.js';
import type { ValueContext } from '../value-context.js';
import { versionsAbove } from './version-parts.js';

type ReferenceTest = SimpleTest & { readonly type: 'reference' };

const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;
const expected = 'an id, Type/id, or an absolute URL, with | before the version of a canonical';

/**
 * `id`, `Type/id`, `Type/id/_history/version`, an absolute URL (local where it lies below an address of this
 * repository), any other URL or URN, `canonical|version`. Source: FHIR R4 search.html#reference.
 */
export function parseReferenceTest(context: ValueContext, text: string): SimpleTest {
  const test = readReference(context, text);
  return context.modifier === undefined ? test : restrictType(context, text, test);
}

function readReference(context: ValueContext, text: string): ReferenceTest {
  const value = unescapeValue(text);
  const test = value === undefined ? undefined : referenceTest(context, value);
  if (test === undefined) throw invalidValue(context.name, text, expected);
  return test;
}

/**
 * `:above` and `:below`. Of a canonical with a version: `url|1.4` finds `url|1.4.2` below and `url|1` above. Of a
 * resource whose type is a hierarchy (`Location.partOf`): what it is part of, or what is part of it.
 *
 * Source: FHIR R4 search.html#reference, search.html#versions, search.html#recursive.
 */
export function parseRelative(
  context: ValueContext,
  relation: 'above' | 'below',
  text: string,
): { readonly tests: readonly SimpleTest[] } | { readonly lookup: Lookup } {
  const test = readReference(context, text);
  const { canonicalVersion, targetId } = test;
  if (canonicalVersion !== undefined) {
    if (relation === 'below') return { tests: [{ ...test, versionParts: true }] };
    const versions = versionsAbove(canonicalVersion);
    return { tests: versions.map((version) => ({ ...test, canonicalVersion: version })) };
  }
  if (targetId === undefined) return { tests: [test] };
  return { lookup: { find: 'parts', relation, targetType: hierarchyOf(context, text, test), targetId } };
}

/** The type of the resource, which has to be one with a hierarchy. */
function hierarchyOf(
  { name, parameter, definitions }: ValueContext,
  text: string,
  test: ReferenceTest,
): string {
  const types = parameter.targets.filter((type) => partOfParameter(definitions, type) !== undefined);
  const known = types.length === 0 ? 'none' : types.join(', ');
  const [only, ...others] =
    test.targetType === undefined ? types : types.filter((type) => type === test.targetType);
  if (only !== undefined && others.length === 0) return only;
  throw invalidValue(
    name,
    text,
    `a canonical with its version, or Type/id of a type that has a hierarchy; of those that "${parameter.code}" refers to: ${known}`,
  );
}

function referenceTest(context: ValueContext, value: string): ReferenceTest | undefined {
  if (idPattern.test(value)) {
    return { type: 'reference', targetType: undefined, targetId: value, url: undefined };
  }
  const bar = value.indexOf('|');
  const target = targetOf(context, bar < 0 ? value : value.slice(0, bar));
  const version = bar < 0 ? '' : value.slice(bar + 1);
  return target === undefined || version === '' ? target : { ...target, canonicalVersion: version };
}

/** The reading of extraction, so that index and query name the same target. */
function targetOf(context: ValueContext, text: string): ReferenceTest | undefined {
  const literal = parseReference(text, context.definitions, context);
  if (literal === null) return undefined;
  const { targetType, targetId, targetVersion, url } = literal;
  return {
    type: 'reference',
    targetType: targetType ?? undefined,
    targetId: targetId ?? undefined,
    ...(targetVersion === null ? {} : { targetVersion }),
    url: url ?? undefined,
  };
}

/** `subject:Patient=23` is `subject=Patient/23`. Source: FHIR R4 search.html#modifiers. */
function restrictType(context: ValueContext, text: string, test: ReferenceTest): SimpleTest {
  const type = context.modifier ?? '';
  if (test.targetId === undefined || (test.targetType ?? type) !== type) {
    throw invalidValue(context.name, text, `the id of a ${type}`);
  }
  return { ...test, targetType: type };
}
