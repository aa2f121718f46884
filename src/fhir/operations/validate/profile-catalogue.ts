import { Inject, Injectable } from '@nestjs/common';
import { FirekeepError } from '../../../platform/errors/index.js';
import { type Definitions, FHIR_DEFINITIONS, loadProfiles } from '../../definitions/index.js';
import { AccessGrants } from '../../passage/access/access-grants.js';
import type { JsonObject } from '../../format/parsed-resource.js';
import { FhirResources, type ResourceCaller } from '../../resources/fhir-resources.js';
import type { CodeSet } from '../../terminology/code-set.js';
import { Terminologies } from '../../terminology/terminologies.js';
import {
  baseTypeOf,
  readProfile,
  type Profile,
  type ProfileSource,
} from '../../validation/profiles/index.js';

/** Profiles, and value sets, that one validation looks up. */
const maximumLookups = 100;

/** Profiles and what they need, at hand; and why one isn't. */
export interface LoadedProfiles extends ProfileSource {
  /** A sentence on a profile that is not there. */
  reason(canonical: string): string;
}

/** Finds profiles: those of FHIR R4, and StructureDefinitions of the repository, as far as the caller may read them. */
@Injectable()
export class ProfileCatalogue {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly resources: FhirResources,
    private readonly terminologies: Terminologies,
    private readonly grants: AccessGrants,
  ) {}

  /** The profiles of these canonicals, those that they build on, and their value sets. */
  async load(caller: ResourceCaller, canonicals: readonly string[]): Promise<LoadedProfiles> {
    const profiles = new Map<string, Profile>();
    const reasons = new Map<string, string>();
    const waiting = [...canonicals];
    const seen = new Set<string>();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (seen.has(next) || baseTypeOf(this.definitions, next) !== undefined) continue;
      seen.add(next);
      if (seen.size > maximumLookups) break;
      const found = await this.profile(caller, next);
      if (typeof found === 'string') reasons.set(next, found);
      else {
        profiles.set(next, found);
        waiting.push(...named(found));
      }
    }
    const valueSets = await this.valueSets(caller, boundValueSets(profiles));
    return {
      profile: (canonical) => profiles.get(canonical),
      valueSet: (canonical) => valueSets.get(canonical) ?? 'it is one of too many value sets',
      reason: (canonical) => reasons.get(canonical) ?? 'it is one of too many',
    };
  }

  /** A sentence where there is none. */
  private async profile(caller: ResourceCaller, canonical: string): Promise<Profile | string> {
    const [url = '', version] = canonical.split('|');
    const isOfRelease = version === undefined || version === this.definitions.fhirVersion;
    const published = isOfRelease ? loadProfiles().profile(url) : undefined;
    const definition = published ?? (await this.stored(caller, url, version));
    return typeof definition === 'string' ? definition : readProfile(definition);
  }

  /** Their codes; a sentence where these are not known. */
  private async valueSets(
    { principal, endpoint: { repository } }: ResourceCaller,
    canonicals: readonly string[],
  ): Promise<ReadonlyMap<string, CodeSet | string>> {
    if (canonicals.length === 0) return new Map();
    const access = this.grants.of(principal, repository).ofSearches;
    const terminology = await this.terminologies.of({ repository, access });
    const found = new Map<string, CodeSet | string>();
    for (const canonical of canonicals.slice(0, maximumLookups)) {
      try {
        found.set(canonical, await terminology.expansion(canonical));
      } catch (thrown) {
        if (!(thrown instanceof FirekeepError) || thrown.category !== 'unprocessable') throw thrown;
        found.set(canonical, thrown.message);
      }
    }
    return found;
  }

  /** The active one, or else the newest, where the repository has several of the URL. */
  private async stored(
    caller: ResourceCaller,
    url: string,
    version: string | undefined,
  ): Promise<JsonObject | string> {
    const ofVersion = version === undefined ? '' : `&version=${searchValue(version)}`;
    try {
      const { resources } = await this.resources.search(
        caller,
        'StructureDefinition',
        `url=${searchValue(url)}${ofVersion}&_sort=-_lastUpdated&_count=50`,
      );
      return resources.find(({ status }) => status === 'active') ?? resources[0] ?? 'it is not known here';
    } catch (thrown) {
      if (!(thrown instanceof FirekeepError) || thrown.category !== 'forbidden') throw thrown;
      return 'the access granted does not cover searching a StructureDefinition';
    }
  }
}

/** Source: FHIR R4 search.html#escaping. */
function searchValue(text: string): string {
  return encodeURIComponent(text.replace(/[\\,|$]/g, '\\$&'));
}

/** Canonicals that a profile names: of types, of targets, and the one that it builds on. */
function named({ base, elements }: Profile): readonly string[] {
  const types = elements.flatMap(({ types = [] }) => types);
  return [
    ...(base === undefined ? [] : [base]),
    ...types.flatMap(({ profiles, targetProfiles }) => [...profiles, ...targetProfiles]),
  ];
}

function boundValueSets(profiles: ReadonlyMap<string, Profile>): readonly string[] {
  const bindings = [...profiles.values()].flatMap(({ elements }) => elements.map(({ binding }) => binding));
  const strong = bindings.filter((binding) => binding !== undefined && binding.strength !== 'example');
  return [...new Set(strong.map((binding) => binding?.valueSet ?? ''))];
}
