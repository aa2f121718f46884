import type {
  Lookup,
  LookupExpression,
  ParameterExpression,
  ParameterTest,
  SearchAccess,
  SearchExpression,
  SearchQuery,
} from './query.js';
import { tooComplex } from './search-errors.js';

/** Answers lookups with the tests that take their place. */
export type LookupSource = (lookup: Lookup, scope: LookupScope) => Promise<readonly ParameterTest[]>;

export interface LookupScope {
  readonly repository: string;
  /** What may be seen of value sets, code systems and hierarchies; absent: all. */
  readonly access: SearchAccess | undefined;
}

/** Codes and references that all lookups of a search may come to together: each is named in its statements. */
const FOUND = 10_000;

/**
 * The query without lookups. Those of the filter see what the access lets them see; those of the access itself, which
 * the caller didn't write, see everything.
 *
 * @throws FirekeepError 400 `FHIR_SEARCH_TOO_COMPLEX` and whatever the source throws
 */
export async function resolveLookups(query: SearchQuery, source: LookupSource): Promise<SearchQuery> {
  const { repository, filter } = query;
  const budget = { left: FOUND };
  const access =
    query.access === undefined
      ? undefined
      : await resolveAccess(query.access, new Resolution(source, { repository, access: undefined }, budget));
  const resolution = new Resolution(source, { repository, access }, budget);
  const resolved = filter.some(hasLookup) ? await resolution.all(filter) : filter;
  if (resolved === filter && access === query.access) return query;
  return { ...query, filter: resolved, ...(access === undefined ? {} : { access }) };
}

async function resolveAccess(access: SearchAccess, resolution: Resolution): Promise<SearchAccess> {
  const { byType, others } = access;
  if (![others, ...byType.values()].some(hasLookup)) return access;
  const resolved = new Map<string, SearchExpression>();
  for (const [type, expression] of byType) resolved.set(type, await resolution.one(expression));
  return { byType: resolved, others: await resolution.one(others) };
}

/** Whether something in the expression has to be looked up. */
export function hasLookup(expression: SearchExpression): boolean {
  switch (expression.kind) {
    case 'lookup':
      return true;
    case 'and':
    case 'or':
      return expression.operands.some(hasLookup);
    case 'not':
    case 'of-type':
    case 'chain':
    case 'has':
      return hasLookup(expression.operand);
    default:
      return false;
  }
}

class Resolution {
  constructor(
    private readonly source: LookupSource,
    private readonly scope: LookupScope,
    private readonly budget: { left: number },
  ) {}

  async all(expressions: readonly SearchExpression[]): Promise<SearchExpression[]> {
    const resolved: SearchExpression[] = [];
    for (const expression of expressions) resolved.push(await this.one(expression));
    return resolved;
  }

  async one(expression: SearchExpression): Promise<SearchExpression> {
    switch (expression.kind) {
      case 'lookup':
        return this.found(expression);
      case 'and':
      case 'or':
        return { ...expression, operands: await this.all(expression.operands) };
      case 'not':
      case 'of-type':
      case 'chain':
      case 'has':
        return { ...expression, operand: await this.one(expression.operand) };
      default:
        return expression;
    }
  }

  private async found({ code, type, anyOf }: LookupExpression): Promise<ParameterExpression> {
    const tests: ParameterTest[] = [];
    for (const lookup of anyOf) {
      const found = await this.source(lookup, this.scope);
      for (const test of found) this.budget.left -= test.type === 'token' ? (test.codes?.length ?? 1) : 1;
      if (this.budget.left < 0) throw tooComplex(`comes to more than ${FOUND} codes or references`);
      tests.push(...found);
    }
    return { kind: 'parameter', code, type, anyOf: tests };
  }
}
