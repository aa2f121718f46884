import { Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../../endpoints/index.js';
import { Settings } from '../../../platform/config/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';
import type { Definitions } from '../../definitions/index.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { parseCriteria } from '../../search/parse-criteria.js';
import { hasLookup } from '../../search/resolve-lookups.js';
import type { SearchExpression } from '../../search/query.js';

/** Reads the criteria of rules and scopes. */
@Injectable()
export class CriteriaReader {
  constructor(
    private readonly repositories: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
    private readonly settings: Settings,
  ) {}

  /** Undefined: they can't be read for the type. */
  read(
    type: string,
    criteria: string,
    repository: string,
    definitions: Definitions,
  ): readonly SearchExpression[] | undefined {
    const read = this.attempt(type, criteria, repository, definitions);
    return read instanceof FirekeepError ? undefined : read;
  }

  /** Whether some repository has the type. */
  knows(type: string): boolean {
    return this.served().some(([, { resourceTypes }]) => resourceTypes.includes(type));
  }

  /**
   * Why criteria grant nothing for the type (`*`: for any type) in any repository that is served; undefined: they do
   * in one.
   */
  problemOf(type: string, criteria: string): string | undefined {
    let problem: string | undefined;
    for (const [repository, definitions] of this.served()) {
      for (const one of type === '*' ? definitions.resourceTypes : [type]) {
        const read = this.attempt(one, criteria, repository, definitions);
        if (read instanceof FirekeepError) problem ??= read.message;
        else if (read.some(hasLookup)) problem ??= 'Value sets and hierarchies can’t be looked up here.';
        else return undefined;
      }
    }
    return problem;
  }

  /** A repository for each of the definitions that are in use. */
  private served(): readonly (readonly [repository: string, definitions: Definitions])[] {
    const repositories = ['default', ...this.endpoints.all().map(({ repository }) => repository)];
    const byDefinitions = new Map(repositories.map((name) => [this.repositories.of(name), name]));
    return [...byDefinitions].map(([definitions, name]) => [name, definitions]);
  }

  private attempt(
    type: string,
    criteria: string,
    repository: string,
    definitions: Definitions,
  ): readonly SearchExpression[] | FirekeepError {
    try {
      return parseCriteria(type, criteria, {
        repository,
        definitions,
        bases: this.endpoints.bases(repository),
        zone: this.settings.get('timeZone'),
      }).filter;
    } catch (error) {
      if (error instanceof FirekeepError) return error;
      throw error;
    }
  }
}
