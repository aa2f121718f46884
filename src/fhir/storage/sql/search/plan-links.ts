import { chooseSelective, type Driver, type RowCounts } from './driver.js';
import { linkSources } from './link.js';
import type { LinkedPredicate, Predicate } from './predicate.js';
import { matchedRids } from './statements.js';

/**
 * Finds out for each link whether few resources fulfil what is asked at its other end. Where so, the search can
 * start there, and the link gets its sources; else it is tested on each resource.
 */
export async function planLinks(
  parts: readonly Predicate[],
  counts: RowCounts,
): Promise<readonly Predicate[]> {
  const planned: Predicate[] = [];
  for (const part of parts) planned.push(await planPart(part, counts));
  return planned;
}

/** What drives by the parts behind the first one, where few resources fulfil one of them; undefined: none is that rare. */
export async function gatherOthers(
  [first, ...others]: readonly Predicate[],
  counts: RowCounts,
): Promise<Driver | undefined> {
  const driver = await chooseSelective(await planLinks(others, counts), counts);
  return driver === undefined || first === undefined ? driver : { ...driver, rest: [...driver.rest, first] };
}

async function planPart(part: Predicate, counts: RowCounts): Promise<Predicate> {
  switch (part.kind) {
    case 'linked':
      return planLink(part, counts);
    case 'all':
    case 'any':
      return { kind: part.kind, parts: await planLinks(part.parts, counts) };
    // What must not be linked is tested: it can't be gathered.
    case 'not':
    case 'rows':
    case 'constant':
      return part;
  }
}

async function planLink({ link, operand }: LinkedPredicate, counts: RowCounts): Promise<Predicate> {
  const parts = await planLinks(operand.kind === 'all' ? operand.parts : [operand], counts);
  const driver = await chooseSelective(parts, counts);
  const linked: LinkedPredicate = { kind: 'linked', link, operand };
  if (driver === undefined) return linked;
  return { ...linked, sources: linkSources(link, (context) => matchedRids(driver, context)) };
}
