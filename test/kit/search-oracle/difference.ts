import { nameOf, type WrittenSearch } from './search.js';
import type { World } from './world.js';

/** What differs between two answers, with the bodies that explain it; undefined: nothing. */
export function differenceOf(
  world: World,
  search: WrittenSearch,
  expected: readonly string[],
  found: readonly string[],
): string | undefined {
  if (JSON.stringify(expected) === JSON.stringify(found)) return undefined;
  const missing = expected.filter((name) => !found.includes(name));
  const surplus = found.filter((name) => !expected.includes(name));
  const odd = [...missing, ...surplus].length > 0 ? [...missing, ...surplus] : found;
  const bodies = odd.slice(0, 4).map((name) => {
    const [type, id] = name.split(/[/@]/);
    const resource = world.resources.find((one) => one.type === type && one.id === id);
    return `${name}: ${JSON.stringify(resource?.body)}`;
  });
  const pairs = [...search.parameters, ...search.includes, ['_sort', search.sort], ['_count', search.count]];
  const lines = [
    `${search.compartment === null ? '' : `${nameOf(search.compartment)}/`}${search.types.join()}?${pairs.map((pair) => pair.join('=')).join('&')}`,
    `seen: ${JSON.stringify(search.access)}`,
    `missing: ${missing.join(' ')}`,
    `surplus: ${surplus.join(' ')}`,
    ...(missing.length + surplus.length > 0
      ? []
      : [`expected: ${expected.join(' ')}`, `found: ${found.join(' ')}`]),
    ...bodies,
  ];
  return lines.join('\n').replace(/(.)\1{20,}/g, '$1…');
}
