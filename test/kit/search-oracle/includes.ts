import type { Conditions } from './conditions.js';
import { publishedCodes } from './published.js';
import type { Pair } from './search.js';
import type { WorldResource } from './world.js';

interface Directive {
  readonly reverse: boolean;
  readonly iterate: boolean;
  /** Undefined: `*`. */
  readonly type: string | undefined;
  readonly code: string | undefined;
  readonly target: string | undefined;
}

function directiveOf([name, value]: Pair): Directive {
  const [type, code, target] = value.split(':').map((part) => (part === '*' ? undefined : part));
  return {
    reverse: name.startsWith('_revinclude'),
    iterate: name.endsWith(':iterate'),
    type,
    code,
    target,
  };
}

/**
 * The resources that a page of matches brings with it, each once and none that is a match of the page. Without
 * `:iterate` a directive starts from the matches, with it from everything included as well.
 * Source: FHIR R4 search.html#include.
 */
export function includedWith(
  conditions: Conditions,
  page: readonly WorldResource[],
  includes: readonly Pair[],
): WorldResource[] {
  const directives = includes.map(directiveOf);
  const found = new Set(page);
  for (const directive of directives) {
    for (const other of reached(conditions, directive, page)) found.add(other);
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const directive of directives.filter(({ iterate }) => iterate)) {
      for (const other of reached(conditions, directive, [...found])) found.add(other);
    }
  }
  return [...found].filter((resource) => !page.includes(resource));
}

function reached(
  conditions: Conditions,
  { reverse, type, code, target }: Directive,
  from: readonly WorldResource[],
): WorldResource[] {
  const targets = (source: WorldResource): WorldResource[] =>
    (code === undefined ? publishedCodes(source.type) : [code])
      .flatMap((one) => conditions.targets(source, one))
      .filter((resource) => target === undefined || resource.type === target);
  const isSource = (resource: WorldResource): boolean => type === undefined || resource.type === type;
  if (!reverse) return from.filter(isSource).flatMap(targets);
  return conditions.visible
    .filter(isSource)
    .filter((source) => targets(source).some((resource) => from.includes(resource)));
}
