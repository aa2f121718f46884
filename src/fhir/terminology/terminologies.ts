import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import type { LookupScope } from '../search/resolve-lookups.js';
import { CHANGE_STAMPS, type ChangeStamps } from '../storage/change-stamps.js';
import type { ResourceStore } from '../storage/ports.js';
import { KnownTerminology, type KnownTerminologyOptions } from './known-terminology.js';
import { ParsedTerminology } from './parsed-terminology.js';
import { StoredTerminology, type TerminologyType } from './stored-terminology.js';
import { RESOURCE_STORE } from '../storage/store-token.js';

interface Kept {
  readonly parsed: ParsedTerminology;
  readonly terminology: KnownTerminology;
  stamps: Readonly<Record<TerminologyType, string>>;
}

const types = ['ValueSet', 'CodeSystem'] as const;
const unread = { ValueSet: '', CodeSystem: '' };

/** The value sets and code systems that a caller knows in a repository, with those of FHIR R4. */
@Injectable()
export class Terminologies {
  /** By repository. What was derived from value sets or code systems is kept as long as none of them changes. */
  private readonly kept = new Map<string, Kept>();

  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    @Inject(CHANGE_STAMPS) private readonly stamps: ChangeStamps,
    private readonly definitions: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
    private readonly settings: Settings,
  ) {}

  /** What a caller may see in part only is never kept for another; bodies that were read are. */
  async of({ repository, access }: LookupScope): Promise<KnownTerminology> {
    const kept = this.keptOf(repository);
    const stored = new StoredTerminology(this.store, repository, access, kept.parsed);
    if (stored.isNarrowed) return new KnownTerminology(stored, this.optionsOf(repository));
    const [ofValueSets = '', ofCodeSystems = ''] = (await this.stamps.of(repository, types)).split('/');
    const stamps = { ValueSet: ofValueSets, CodeSystem: ofCodeSystems };
    const changed = types.filter((type) => kept.stamps[type] !== stamps[type]);
    if (changed.length > 0) {
      kept.stamps = stamps;
      kept.terminology.forget(new Set(changed));
    }
    return kept.terminology;
  }

  private keptOf(repository: string): Kept {
    const known = this.kept.get(repository);
    if (known !== undefined) return known;
    const parsed = new ParsedTerminology();
    const all = new StoredTerminology(this.store, repository, undefined, parsed);
    const terminology = new KnownTerminology(all, this.optionsOf(repository));
    const made: Kept = { parsed, terminology, stamps: unread };
    this.kept.set(repository, made);
    return made;
  }

  /** As they are when they are asked for. */
  private optionsOf(repository: string): KnownTerminologyOptions {
    const { definitions, endpoints, settings } = this;
    return {
      patternSteps: settings.get('patternSteps'),
      get definitions() {
        return definitions.of(repository);
      },
      get bases() {
        return endpoints.bases(repository);
      },
    };
  }
}
