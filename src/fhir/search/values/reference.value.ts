import { unescapeValue } from '../escaping.js';
import { parseReference } from '../extraction/index.js';
import type { SimpleTest } from '../query.js';
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
 * A canonical with its version under `:below` (`url|1.4` finds `url|1.4.2`) or `:above` (`url|1.4.2` finds `url|1.4`).
 * Source: FHIR R4 search.html#versions.
 */
export function parseVersionTests(
  context: ValueContext,
  modifier: 'above' | 'below',
  text: string,
): readonly SimpleTest[] {
  const test = readReference(context, text);
  const { canonicalVersion } = test;
  if (canonicalVersion === undefined)
    throw invalidValue(context.name, text, 'a canonical with its version, url|1.4');
  if (modifier === 'below') return [{ ...test, versionParts: true }];
  return versionsAbove(canonicalVersion).map((version) => ({ ...test, canonicalVersion: version }));
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
