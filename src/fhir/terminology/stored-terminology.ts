import { accessTo } from '../search/access-filter.js';
import type { SearchAccess, SearchExpression, SearchQuery } from '../search/query.js';
import { restrictedTo } from '../search/restrict.js';
import type { ResourceStore, StoredResource } from '../storage/ports.js';
import { isFields, textOf, type Fields } from '../search/extraction/visit.js';

export type TerminologyType = 'ValueSet' | 'CodeSystem';

/** Versions of one URL that are looked at, the last written first. */
const VERSIONS = 20;

/** ValueSets and CodeSystems of a repository, as far as they may be seen. */
export class StoredTerminology {
  constructor(
    private readonly store: Pick<ResourceStore, 'search'>,
    private readonly repository: string,
    private readonly access: SearchAccess | undefined,
  ) {}

  /** Whether something may be hidden from the caller. */
  get isNarrowed(): boolean {
    if (this.access === undefined) return false;
    const seen = accessTo(this.access, ['ValueSet', 'CodeSystem']);
    return seen.kind !== 'and' || seen.operands.length > 0;
  }

  byId(type: TerminologyType, id: string): Promise<Fields | undefined> {
    return this.find(type, [{ kind: 'id', ids: [id] }]);
  }

  /**
   * By canonical URL; without a version the last one, those that are retired behind the others.
   *
   * @param version null: any
   */
  byUrl(type: TerminologyType, url: string, version: string | null): Promise<Fields | undefined> {
    const ofUrl: SearchExpression = {
      kind: 'parameter',
      code: 'url',
      type: 'uri',
      anyOf: [{ type: 'uri', uri: url }],
    };
    if (version === null) return this.find(type, [ofUrl]);
    const ofVersion: SearchExpression = {
      kind: 'parameter',
      code: 'version',
      type: 'token',
      anyOf: [{ type: 'token', system: undefined, code: version }],
    };
    return this.find(type, [ofUrl, ofVersion]);
  }

  private async find(
    type: TerminologyType,
    filter: readonly SearchExpression[],
  ): Promise<Fields | undefined> {
    const query: SearchQuery = {
      repository: this.repository,
      types: [type],
      filter,
      sort: [],
      count: VERSIONS,
      total: 'none',
    };
    const { matches } = await this.store.search(restrictedTo(query, this.access));
    const candidates = matches.flatMap(candidateOf).sort(byPreference);
    return candidates[0]?.resource;
  }
}

interface Candidate {
  readonly resource: Fields;
  readonly isRetired: boolean;
  readonly version: string;
  readonly lastUpdated: number;
}

function candidateOf({ content, lastUpdated }: StoredResource): Candidate[] {
  const resource: unknown = JSON.parse(content.toString('utf8'));
  if (!isFields(resource)) return [];
  const isRetired = resource.status === 'retired';
  return [{ resource, isRetired, version: textOf(resource, 'version') ?? '', lastUpdated }];
}

function byPreference(a: Candidate, b: Candidate): number {
  if (a.isRetired !== b.isRetired) return a.isRetired ? 1 : -1;
  const byVersion = b.version.localeCompare(a.version, 'en', { numeric: true });
  return byVersion === 0 ? b.lastUpdated - a.lastUpdated : byVersion;
}
