import { accessTo, isEverything } from '../../../search/access-filter.js';
import type { IncludeDirective, SearchQuery } from '../../../search/query.js';
import type { StoredResource } from '../../ports.js';
import { keyText, type InternedNames } from '../keys.js';
import { compileExpression } from './compile-expression.js';
import { referredStatement, referringStatement, type IncludeStep } from './include-statements.js';
import { predicateSql } from './predicate.js';
import { IncludePaths } from './reference-paths.js';
import { resolveNames } from './search-names.js';
import type { StatementRun } from './statement-run.js';

export interface Included {
  readonly resources: readonly StoredResource[];
  /** Directives that lead to more than the limit lets through. */
  readonly cut: readonly IncludeDirective[];
}

/**
 * Fetches what comes with the matches of a page: one statement for references and one for referrers, from the
 * matches first and then, for `:iterate`, from what has come so, until nothing new is found.
 * Source: FHIR R4 search.html#revinclude.
 */
export class IncludedResources {
  private readonly known = new Map<number, StoredResource>();
  private readonly resources: StoredResource[] = [];
  private readonly cut = new Set<IncludeDirective>();

  constructor(
    private readonly run: StatementRun,
    private readonly interned: InternedNames,
    private readonly query: SearchQuery,
    /** Resources that a page may bring besides its matches. */
    private readonly limit: number,
  ) {}

  async of(matches: readonly StoredResource[]): Promise<Included> {
    const { includes = [], repository } = this.query;
    const number = await this.interned.repositoryId(this.run.session, repository);
    for (const match of matches) this.known.set(match.rid, match);
    let from = matches;
    let directives = includes;
    while (number !== undefined && from.length > 0 && directives.length > 0) {
      const found = [
        ...(await this.step(
          number,
          from,
          directives.filter(({ reverse }) => !reverse),
        )),
        ...(await this.step(
          number,
          from,
          directives.filter(({ reverse }) => reverse),
        )),
      ];
      directives = includes.filter(({ iterate }) => iterate);
      if (this.cut.size > 0) break;
      from = found;
    }
    return { resources: this.resources, cut: [...this.cut] };
  }

  private async step(
    repository: number,
    from: readonly StoredResource[],
    directives: readonly IncludeDirective[],
  ): Promise<readonly StoredResource[]> {
    if (directives.length === 0) return [];
    const { session } = this.run;
    const started = [...new Set(from.map(({ type }) => type))];
    const { paths, types } = await new IncludePaths(session, this.interned, repository).of(
      directives,
      started,
    );
    if (paths.length === 0) return [];
    const seen = await this.access(types);
    if (seen === undefined) return [];
    const room = this.limit - this.resources.length;
    const step: IncludeStep = {
      repository,
      paths,
      from: from.map(({ rid }) => rid),
      known: [...this.known.keys()],
      limit: room + 1,
      seen,
    };
    const statement = directives[0]?.reverse === true ? referringStatement : referredStatement;
    const rows = await this.run.rows('includes', statement(step, this.run));
    if (rows.length > room) for (const directive of directives) this.cut.add(directive);
    const found: StoredResource[] = [];
    for (const row of rows.slice(0, room)) found.push(await this.resource(row));
    // The statement stops at its limit and sorts nothing.
    found.sort((a, b) => b.rid - a.rid);
    for (const resource of found) this.known.set(resource.rid, resource);
    this.resources.push(...found);
    return found;
  }

  private async resource(row: Record<string, unknown>): Promise<StoredResource> {
    return {
      rid: Number(row.rid),
      type: await this.interned.typeName(this.run.session, Number(row.type)),
      id: keyText(row.id),
      version: Number(row.version),
      lastUpdated: Number(row.last_updated),
      deleted: false,
      content: row.content as Buffer,
    };
  }

  /** Undefined: nothing of the types may be seen. */
  private async access(types: readonly string[]): Promise<IncludeStep['seen'] | undefined> {
    const { access, repository } = this.query;
    if (access === undefined) return null;
    const visible = accessTo(access, types);
    if (isEverything(visible)) return null;
    const filter = [visible];
    const searched = { repository, types, filter, sort: [], count: 0, total: 'none' } as const;
    const names = await resolveNames(this.run.session, this.interned, searched);
    if (names === undefined) return undefined;
    const predicate = compileExpression(visible, names);
    return predicate.kind === 'constant' && !predicate.value
      ? undefined
      : { types: names.types, condition: (rid) => predicateSql(predicate, rid, this.run) };
  }
}
