import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import type { Lookup, ParameterTest, SearchQuery } from '../search/query.js';
import { resolveLookups, type LookupScope } from '../search/resolve-lookups.js';
import type { ResourceStore } from '../storage/ports.js';
import { sizeOf, type CodeSet } from './code-set.js';
import type { KnownTerminology } from './known-terminology.js';
import { PartHierarchy } from './part-hierarchy.js';
import { Terminologies } from './terminologies.js';
import { tooLarge, unknownCodeSystem, unknownConcept } from './terminology-errors.js';
import { RESOURCE_STORE } from '../storage/store-token.js';

/** Codes of one value set that a search may ask for: its statement names each of them. */
const SEARCHED_CODES = 10_000;

/** Answers what searches ask of value sets, code systems and hierarchies, before they become statements. */
@Injectable()
export class SearchLookups {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    private readonly terminologies: Terminologies,
    private readonly definitions: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
  ) {}

  /**
   * The query with sets of codes and references in place of lookups; the same query where it has none.
   *
   * @throws FirekeepError 400, 422: the message says what is not known here, or is too large
   */
  resolve(query: SearchQuery): Promise<SearchQuery> {
    const known = new Map<LookupScope, Promise<KnownTerminology>>();
    const terminology = (scope: LookupScope): Promise<KnownTerminology> => {
      const opened = known.get(scope) ?? this.terminologies.of(scope);
      known.set(scope, opened);
      return opened;
    };
    return resolveLookups(query, async (lookup, scope) =>
      lookup.find === 'parts' ? this.parts(lookup, scope) : testsOf(lookup, await terminology(scope)),
    );
  }

  private parts(
    { targetType, targetId, relation }: Lookup & { readonly find: 'parts' },
    { repository, access }: LookupScope,
  ): Promise<readonly ParameterTest[]> {
    const { store } = this;
    const definitions = this.definitions.of(repository);
    const bases = this.endpoints.bases(repository);
    return new PartHierarchy(targetType, { store, definitions, repository, bases, access }).tests(
      targetId,
      relation,
    );
  }
}

async function testsOf(
  lookup: Lookup & { readonly find: 'value-set' | 'concepts' },
  terminology: KnownTerminology,
): Promise<readonly ParameterTest[]> {
  if (lookup.find === 'value-set') {
    const expanded = await terminology.expansion(lookup.reference);
    if (sizeOf(expanded) > SEARCHED_CODES) {
      throw tooLarge(`The value set "${lookup.reference}"`, SEARCHED_CODES);
    }
    return setTests(expanded);
  }
  const { system: url, code, relation } = lookup;
  const system = await terminology.codeSystem(url, null);
  if (system === undefined || system.size === 0) throw unknownCodeSystem(url);
  const start = system.find(code);
  if (start === undefined) throw unknownConcept(url, code);
  const codes = relation === 'above' ? system.above(start) : system.below(start);
  return setTests(new Map([[url, new Set(codes)]]));
}

function setTests(set: CodeSet): readonly ParameterTest[] {
  return [...set].map(([system, codes]) => ({
    type: 'token',
    system,
    code: undefined,
    ...(codes === null ? { coded: true } : { codes: [...codes].sort() }),
  }));
}
