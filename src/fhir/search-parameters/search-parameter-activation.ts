import { Inject, Injectable } from '@nestjs/common';
import { Logger } from '../../platform/logging/index.js';
import { ExtensibleDefinitions } from '../definitions/index.js';
import { recordedParameters } from './recorded-parameters.js';
import { SEARCH_COVERAGE, type SearchCoverageStore } from '../storage/search-coverage.js';

/** Finds out, before the first request, which of the added search parameters the index is complete for. */
@Injectable()
export class SearchParameterActivation {
  constructor(
    private readonly extensible: ExtensibleDefinitions,
    @Inject(SEARCH_COVERAGE) private readonly store: SearchCoverageStore,
    private readonly logger: Logger,
  ) {}

  /**
   * Ends the registration of search parameters and records which ones this database is written with from now on.
   * Only for a process that is going to write: what it doesn't name is forgotten, since it won't be indexed.
   */
  async activate(): Promise<void> {
    this.extensible.close();
    const added = this.extensible.added;
    const states = await this.store.record(recordedParameters(this.extensible));
    for (const [index, { type, parameter }] of added.entries()) {
      const { coverage, code } = parameter;
      const state = states[index];
      if (coverage === undefined || state === undefined) continue;
      coverage.state = state;
      if (state === 'complete') continue;
      const isAnswered = state === 'partial' && coverage.whenIncomplete === 'warn';
      this.logger.warn('the index is not complete for a search parameter', {
        type,
        searchParameter: code,
        state,
        searches: isAnswered ? 'answered with a warning' : 'refused',
      });
    }
  }
}
