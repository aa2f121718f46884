import type { SqlSession } from '../../../../platform/database/index.js';
import { restricted } from '../../../search/access-filter.js';
import type { MembersOfType, SearchedMembers, SearchExpression, SearchQuery } from '../../../search/query.js';
import { tables, type InternedNames } from '../keys.js';
import { compileFilter } from './compile-expression.js';
import type { Driver } from './driver.js';
import { allOf, isOneOf, sql } from './fragment.js';
import type { Predicate } from './predicate.js';
import type { TableSource } from './row-condition.js';
import { resolveNames, type SearchNames } from './search-names.js';

/** What gathers the members of some types: the references to the owner, by all of their parameters at once. */
export interface MemberSearch {
  readonly driver: Driver;
  readonly names: SearchNames;
}

export interface MemberSearches {
  /** Of all types. */
  readonly names: SearchNames;
  /** Empty: there are no members. */
  readonly searches: readonly MemberSearch[];
}

interface ReadMembers {
  readonly type: string;
  readonly parameters: readonly number[];
  readonly rest: readonly Predicate[];
}

/**
 * One range of references for the types of which nothing but the reference is asked, and one for each of the others.
 *
 * @returns undefined: nothing of the repository or of the types has been stored yet
 */
export async function memberSearches(
  session: SqlSession,
  interned: InternedNames,
  query: SearchQuery,
  members: SearchedMembers,
): Promise<MemberSearches | undefined> {
  const each = members.ofTypes.map((ofType) => ({ ofType, filter: filterOf(query, ofType) }));
  const filter = each.map(({ ofType, filter: own }): SearchExpression => ({
    kind: 'of-type',
    types: [ofType.type],
    operand: { kind: 'and', operands: [ofType.membership, ...own] },
  }));
  const names = await resolveNames(session, interned, { ...query, filter });
  if (names === undefined) return undefined;
  const owner = names.type(members.owner.type);
  if (owner === undefined) return { names, searches: [] };
  const read = each.flatMap((one) => readMembers(one.ofType, one.filter, query, names));
  const plain = read.filter(({ rest }) => rest.length === 0);
  const source = (parameters: readonly number[]): TableSource =>
    referencesTo(owner, members.owner.id, parameters);
  const searchOf = (types: readonly string[], parameters: readonly number[], rest: readonly Predicate[]) => ({
    driver: {
      kind: 'gather' as const,
      sources: [source(parameters)],
      rest,
      ...(rest.length === 0 ? {} : { sortedFirst: true as const }),
    },
    names: names.ofTypes(types),
  });
  return {
    names,
    searches: [
      ...(plain.length === 0
        ? []
        : [
            searchOf(
              plain.map(({ type }) => type),
              plain.flatMap(({ parameters }) => parameters),
              [],
            ),
          ]),
      ...read
        .filter(({ rest }) => rest.length > 0)
        .map(({ type, parameters, rest }) => searchOf([type], parameters, rest)),
    ],
  };
}

/** What must hold of a member beside that it is one, its access included. */
function filterOf(
  query: SearchQuery,
  { type, membership, filter }: MembersOfType,
): readonly SearchExpression[] {
  const asked = { ...query, types: [type], filter: [membership, ...filter, ...query.filter] };
  return restricted(asked).filter.slice(1);
}

function readMembers(
  { type, codes }: MembersOfType,
  filter: readonly SearchExpression[],
  query: SearchQuery,
  names: SearchNames,
): readonly ReadMembers[] {
  const own = names.ofTypes([type]);
  const parameters = codes.flatMap((code) => own.parameters(code));
  if (own.types.length === 0 || parameters.length === 0) return [];
  const rest = compileFilter({ ...query, types: [type], filter }, own);
  if (rest.kind === 'constant') return rest.value ? [{ type, parameters, rest: [] }] : [];
  return [{ type, parameters, rest: rest.kind === 'all' ? rest.parts : [rest] }];
}

function referencesTo(type: number, id: string, parameters: readonly number[]): TableSource {
  return {
    table: tables.reference,
    where: (alias) =>
      allOf([
        isOneOf(`${alias}.param`, parameters),
        sql(`${alias}.target = ? AND ${alias}.target_type = ?`, id, type),
      ]),
    inOrder: false,
    unique: false,
    bounded: true,
  };
}
