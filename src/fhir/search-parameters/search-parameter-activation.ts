import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Logger } from '../../platform/logging/index.js';
import { ExtensibleDefinitions, type SearchParameter } from '../definitions/index.js';
import { SEARCH_COVERAGE, type SearchCoverageStore } from '../storage/search-coverage.js';

/** Finds out, before the first request, which of the added search parameters the index is complete for. */
@Injectable()
export class SearchParameterActivation {
  constructor(
    @Inject(ExtensibleDefinitions) private readonly extensible: ExtensibleDefinitions,
    @Inject(SEARCH_COVERAGE) private readonly store: SearchCoverageStore,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /**
   * Ends the registration of search parameters and records which ones this database is written with from now on.
   * Only for a process that is going to write: what it doesn't name is forgotten, since it won't be indexed.
   */
  async activate(): Promise<void> {
    this.extensible.close();
    const added = this.extensible.added;
    const complete = await this.store.record(
      added.map(({ type, parameter }) => ({ type, code: parameter.code, digest: digestOf(parameter) })),
    );
    for (const [index, { type, parameter }] of added.entries()) {
      const isComplete = complete[index] === true;
      if (parameter.coverage !== undefined) parameter.coverage.isComplete = isComplete;
      if (isComplete) continue;
      this.logger.warn('resources that are stored have no values of a search parameter', {
        type,
        searchParameter: parameter.code,
        searches: parameter.coverage?.whenIncomplete === 'warn' ? 'answered with a warning' : 'refused',
      });
    }
  }
}

/** What decides the values of a parameter: where it changes, values that are there are those of another one. */
function digestOf({ type, expression, targets }: SearchParameter): string {
  return createHash('sha256')
    .update(JSON.stringify([type, expression, targets]))
    .digest('hex');
}
