import { unescapeValue } from '../escaping.js';
import type { ParameterTest } from '../query.js';
import { invalidValue } from '../search-errors.js';
import type { ValueContext } from '../value-context.js';

type ReferenceTest = ParameterTest & { readonly type: 'reference' };

const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;
const literalPattern =
  /^(?:(.{1,2000})\/)?([A-Z][A-Za-z]{0,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const expected = 'an id, Type/id, or an absolute URL, with | before the version of a canonical';

/**
 * `id`, `Type/id`, `Type/id/_history/version`, an absolute URL (local where it lies below an address of this
 * repository), any other URL or URN, `canonical|version`. Source: FHIR R4 search.html#reference.
 */
export function parseReferenceTest(context: ValueContext, text: string): ParameterTest {
  const value = unescapeValue(text);
  const test = value === undefined ? undefined : referenceTest(context, value);
  if (test === undefined) throw invalidValue(context.name, text, expected);
  return context.modifier === undefined ? test : restrictType(context, text, test);
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

/** Reads a reference as extraction does, so that both name the same target. */
function targetOf({ definitions, bases }: ValueContext, text: string): ReferenceTest | undefined {
  const [, base, type, id, version] = literalPattern.exec(text) ?? [];
  const versioned = version === undefined ? {} : { targetVersion: version };
  const isLocal = base === undefined || isOwnBase(base, bases);
  if (type !== undefined && isLocal && definitions.isResourceType(type)) {
    return { type: 'reference', targetType: type, targetId: id, ...versioned, url: undefined };
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]{0,40}:/.test(text)) return undefined;
  const url = version === undefined ? text : text.slice(0, text.lastIndexOf('/_history/'));
  return { type: 'reference', targetType: undefined, targetId: undefined, ...versioned, url };
}

function isOwnBase(base: string, bases: readonly string[]): boolean {
  return bases.some((own) => own === base || (own.endsWith('/') && own.slice(0, -1) === base));
}

/** `subject:Patient=23` is `subject=Patient/23`. Source: FHIR R4 search.html#modifiers. */
function restrictType(context: ValueContext, text: string, test: ReferenceTest): ParameterTest {
  const type = context.modifier ?? '';
  if (test.targetId === undefined || (test.targetType ?? type) !== type) {
    throw invalidValue(context.name, text, `the id of a ${type}`);
  }
  return { ...test, targetType: type };
}
