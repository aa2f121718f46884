import fc from 'fast-check';
import type { Pair } from '../search.js';
import type { Edge } from './links.js';
import { pick } from './vocabulary.js';

/** Directives that start from resources of the types, or go on from what another one brings. */
export function includesOf(edges: readonly Edge[], types: readonly string[]): fc.Arbitrary<Pair[]> {
  const forward = edges.filter(({ from }) => types.includes(from));
  const backward = edges.filter(({ to }) => types.includes(to));
  const kinds = [
    ...(forward.length === 0 ? [] : [directive('_include', forward)]),
    ...(backward.length === 0 ? [] : [directive('_revinclude', backward)]),
  ];
  if (kinds.length === 0) return fc.constant<Pair[]>([]);
  const first = fc.oneof(...kinds);
  const further = fc.oneof(
    first,
    directive('_include:iterate', edges),
    directive('_revinclude:iterate', edges),
  );
  return fc.tuple(first, fc.array(further, { maxLength: 2 })).map(([one, more]) => [one, ...more]);
}

function directive(name: string, edges: readonly Edge[]): fc.Arbitrary<Pair> {
  return fc
    .tuple(pick(...edges), pick('code', 'code', 'code', 'target', 'target', 'all'))
    .map(([{ from, code, to }, form]): Pair => {
      if (form === 'all') return [name, `${from}:*`];
      return [name, form === 'target' ? `${from}:${code}:${to}` : `${from}:${code}`];
    });
}
