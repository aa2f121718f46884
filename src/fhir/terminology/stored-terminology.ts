import { accessTo } from '../search/access-filter.js';
import type { SearchAccess, SearchExpression, SearchQuery } from '../search/query.js';
import { restrictedTo } from '../search/restrict.js';
import type { ResourceStore } from '../storage/ports.js';
import type { CodeSystem } from './code-system.js';
import type { ParsedTerminology } from './parsed-terminology.js';
import type { ValueSetDefinition } from './value-set-definition.js';

export type TerminologyType = 'ValueSet' | 'CodeSystem';

/** Versions of one URL that are looked at, the last written first. */
const VERSIONS = 20;

/** ValueSets and CodeSystems of a repository, as far as they may be seen. */
export class StoredTerminology {
  constructor(
    private readonly store: Pick<ResourceStore, 'search'>,
    private readonly repository: string,
    private readonly access: SearchAccess | undefined,
    private readonly parsed: ParsedTerminology,
  ) {}

  /** Whether something may be hidden from the caller. */
  get isNarrowed(): boolean {
    if (this.access === undefined) return false;
    const seen = accessTo(this.access, ['ValueSet', 'CodeSystem']);
    return seen.kind !== 'and' || seen.operands.length > 0;
  }

  valueSetById(id: string): Promise<ValueSetDefinition | undefined> {
    return this.valueSet([{ kind: 'id', ids: [id] }]);
  }

  /**
   * By canonical URL; without a version the last one, those that are retired behind the others.
   *
   * @param version null: any
   */
  valueSetByUrl(url: string, version: string | null): Promise<ValueSetDefinition | undefined> {
    return this.valueSet(ofUrl(url, version));
  }

  /** As `valueSetByUrl`. @throws FirekeepError 422 `FHIR_TERMINOLOGY_TOO_LARGE` */
  async codeSystemByUrl(url: string, version: string | null): Promise<CodeSystem | undefined> {
    return this.parsed.codeSystem(await this.candidates('CodeSystem', ofUrl(url, version)));
  }

  private async valueSet(filter: readonly SearchExpression[]): Promise<ValueSetDefinition | undefined> {
    return this.parsed.valueSet(await this.candidates('ValueSet', filter));
  }

  private async candidates(type: TerminologyType, filter: readonly SearchExpression[]) {
    const query: SearchQuery = {
      repository: this.repository,
      types: [type],
      filter,
      sort: [],
      count: VERSIONS,
      total: 'none',
    };
    return (await this.store.search(restrictedTo(query, this.access))).matches;
  }
}

function ofUrl(url: string, version: string | null): readonly SearchExpression[] {
  const isUrl: SearchExpression = {
    kind: 'parameter',
    code: 'url',
    type: 'uri',
    anyOf: [{ type: 'uri', uri: url }],
  };
  if (version === null) return [isUrl];
  const isVersion: SearchExpression = {
    kind: 'parameter',
    code: 'version',
    type: 'token',
    anyOf: [{ type: 'token', system: undefined, code: version }],
  };
  return [isUrl, isVersion];
}
