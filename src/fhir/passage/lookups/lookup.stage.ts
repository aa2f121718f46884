import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../contract/index.js';
import type { SearchQuery } from '../../search/query.js';
import type { SearchPage } from '../../storage/ports.js';
import { hasLookup } from '../../search/resolve-lookups.js';
import { SearchLookups } from '../../terminology/search-lookups.js';
import { AccessGrants } from '../access/access-grants.js';
import { changedUnit, type AskedUnit } from '../asked-unit.js';
import type { GrantedReader, PassageStage, Passing } from '../passage-stage.js';
import { ThroughReader } from '../through-reader.js';

/** Puts codes and references in place of the value sets, concepts and hierarchies that criteria name. */
@Injectable()
export class LookupStage implements PassageStage {
  readonly name = 'lookups';

  constructor(
    private readonly lookups: SearchLookups,
    private readonly grants: AccessGrants,
  ) {}

  /**
   * A query that the store can answer; the same where nothing has to be looked up. What the principal must not search is
   * not known in it.
   *
   * @throws FirekeepError 400, 422
   */
  resolved(principal: Principal, query: SearchQuery): SearchQuery | Promise<SearchQuery> {
    return query.filter.some(hasLookup) ? this.lookedUp(principal, query) : query;
  }

  shown({ context: { principal } }: Passing, reader: GrantedReader): GrantedReader {
    return new LookingUp(reader, (query) => this.resolved(principal, query));
  }

  commit<R>(
    { context: { principal } }: Passing,
    unit: AskedUnit<R>,
    next: (unit: AskedUnit<R>) => Promise<R>,
  ): Promise<R> {
    const { conditions = [], lookups = [] } = unit;
    if (![...conditions, ...lookups].some(({ filter }) => filter.some(hasLookup))) return next(unit);
    return this.withResolved(principal, unit, next);
  }

  private async withResolved<R>(
    principal: Principal,
    unit: AskedUnit<R>,
    next: (unit: AskedUnit<R>) => Promise<R>,
  ): Promise<R> {
    const all = (queries: readonly SearchQuery[] = []) =>
      Promise.all(queries.map(async (query) => this.resolved(principal, query)));
    const changes = { conditions: await all(unit.conditions), lookups: await all(unit.lookups) };
    return next(changedUnit(unit, changes));
  }

  private async lookedUp(principal: Principal, query: SearchQuery): Promise<SearchQuery> {
    const access = this.grants.of(principal, query.repository).ofSearches;
    const { filter } = await this.lookups.resolve(access === undefined ? query : { ...query, access });
    return { ...query, filter };
  }
}

class LookingUp extends ThroughReader {
  constructor(
    inner: GrantedReader,
    private readonly resolved: (query: SearchQuery) => SearchQuery | Promise<SearchQuery>,
  ) {
    super(inner);
  }

  override async search(query: SearchQuery): Promise<SearchPage> {
    return this.inner.search(await this.resolved(query));
  }
}
