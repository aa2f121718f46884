import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import type { LookupScope } from '../search/resolve-lookups.js';
import { CHANGE_STAMPS, type ChangeStamps } from '../storage/change-stamps.js';
import type { ResourceStore } from '../storage/ports.js';
import { KnownTerminology } from './known-terminology.js';
import { StoredTerminology } from './stored-terminology.js';
import { RESOURCE_STORE } from '../storage/store-token.js';

interface Kept {
  readonly stamp: string;
  readonly terminology: KnownTerminology;
}

/** The value sets and code systems that a caller knows in a repository, with those of FHIR R4. */
@Injectable()
export class Terminologies {
  /** By repository, as long as none of its value sets and code systems changes. */
  private readonly kept = new Map<string, Kept>();

  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    @Inject(CHANGE_STAMPS) private readonly stamps: ChangeStamps,
    private readonly definitions: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
    private readonly settings: Settings,
  ) {}

  /** What a caller may see in part only is never kept for another. */
  async of({ repository, access }: LookupScope): Promise<KnownTerminology> {
    const stored = new StoredTerminology(this.store, repository, access);
    const options = {
      definitions: this.definitions.of(repository),
      bases: this.endpoints.bases(repository),
      patternSteps: this.settings.get('patternSteps'),
    };
    if (stored.isNarrowed) return new KnownTerminology(stored, options);
    const stamp = await this.stamps.of(repository, ['ValueSet', 'CodeSystem']);
    const kept = this.kept.get(repository);
    if (kept?.stamp === stamp) return kept.terminology;
    const all = new StoredTerminology(this.store, repository, undefined);
    const terminology = new KnownTerminology(all, options);
    this.kept.set(repository, { stamp, terminology });
    return terminology;
  }
}
