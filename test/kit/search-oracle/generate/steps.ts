import fc from 'fast-check';
import type { Fields } from '../json.js';
import { resources } from './resources.js';
import { terminologies } from './terminologies.js';
import { ids } from './vocabulary.js';

/** One write of a world's making; a deletion has no body. */
export interface Step {
  readonly type: string;
  readonly id: string;
  readonly body?: Fields;
}

/** Types with several kinds of bodies have more ids. */
const places = resources.flatMap(({ type, body }, n) => {
  const earlier = resources.slice(0, n).filter((other) => other.type === type).length;
  return ids.map((id) => ({ type, id: earlier === 0 ? id : `${id}-${earlier}`, body }));
});

/**
 * Writes that make a world: each type with each id, then some updates, deletions and revivals, whose former
 * index rows must be gone.
 */
export const steps: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.tuple(...places.map(({ body }) => body)),
    terminologies,
    fc.array(fc.tuple(fc.nat({ max: places.length - 1 }), fc.nat({ max: 7 }), fc.boolean()), {
      minLength: 25,
      maxLength: 35,
      size: 'max',
    }),
  )
  .map(([bodies, known, changes]) => {
    const put = (at: number, body: Fields): Step => {
      const { type = '', id = '' } = places[at] ?? {};
      return { type, id, body: JSON.parse(JSON.stringify({ ...body, id })) as Fields };
    };
    const later = changes.map(([at, other, isDeletion]): Step => {
      const { type = '', id = '' } = places[at] ?? {};
      if (isDeletion) return { type, id };
      const same = bodies.filter(({ resourceType }) => resourceType === type);
      return put(at, same[other % same.length] ?? {});
    });
    const fixed = known.map((body) => ({ type: String(body.resourceType), id: String(body.id), body }));
    return [...fixed, ...bodies.map((body, at) => put(at, body)), ...later];
  });
