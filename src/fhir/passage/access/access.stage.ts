import { Inject, Injectable } from '@nestjs/common';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import type { SearchQuery } from '../../search/query.js';
import { restrictedTo } from '../../search/restrict.js';
import type { RestrictedQuery } from '../../search/restricted-query.js';
import { STORED_BODY_READER, type StoredBodyReader } from '../../storage/check/stored-body.js';
import type { ResourceStore } from '../../storage/ports.js';
import { RESOURCE_STORE } from '../../storage/store-token.js';
import type { GrantedStore } from '../passage-stage.js';
import { EndpointRegistry } from '../../../endpoints/index.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import { AccessGrants } from './access-grants.js';
import { AccessedStore } from './accessed-store.js';
import { InteractionAccess } from './interaction-access.js';

/** The last stage of the passage: it opens the store as far as it was granted. */
@Injectable()
export class AccessStage {
  readonly name = 'access';

  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    private readonly grants: AccessGrants,
    @Inject(STORED_BODY_READER) private readonly bodies: StoredBodyReader,
    private readonly access: InteractionAccess,
    private readonly repositories: RepositoryDefinitions,
    private readonly endpoints: EndpointRegistry,
  ) {}

  /** The query, held to what the caller can find. */
  narrowed({ principal, endpoint, bundledAt }: InteractionContext, query: SearchQuery): RestrictedQuery {
    return restrictedTo(query, this.grants.of(principal, endpoint.repository, bundledAt).ofSearches);
  }

  open({ principal, endpoint, bundledAt }: InteractionContext): GrantedStore {
    const granted = this.grants.of(principal, endpoint.repository, bundledAt);
    return new AccessedStore(
      this.store,
      granted,
      this.bodies,
      (request, error) => this.access.explained({ principal, ...request }, error),
      (repository) => ({
        definitions: this.repositories.of(repository),
        bases: this.endpoints.bases(repository),
      }),
    );
  }
}
