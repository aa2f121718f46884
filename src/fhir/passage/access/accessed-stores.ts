import { Inject, Injectable } from '@nestjs/common';
import { InteractionAccess } from './interaction-access.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import { STORED_BODY_READER, type StoredBodyReader } from '../../storage/check/stored-body.js';
import { RESOURCE_STORE, type ResourceStore } from '../../storage/ports.js';
import { ScopedResourceStore } from '../receipts/scoped-resource-store.js';
import { JournalledWrites } from '../journal/journalled-writes.js';
import { AccessGrants } from './access-grants.js';
import { AccessedStore } from './accessed-store.js';

/** The one way from an interaction to the store: whoever wants it says for whom. */
@Injectable()
export class AccessedStores {
  constructor(
    @Inject(RESOURCE_STORE) private readonly store: ResourceStore,
    private readonly grants: AccessGrants,
    @Inject(STORED_BODY_READER) private readonly bodies: StoredBodyReader,
    private readonly journal: JournalledWrites,
    private readonly access: InteractionAccess,
  ) {}

  of(context: InteractionContext): ResourceStore {
    const { principal, endpoint, scope } = context;
    const store = scope === undefined ? this.store : new ScopedResourceStore(this.store, scope);
    const granted = this.grants.of(principal, endpoint.repository);
    return new AccessedStore(store, granted, this.bodies, {
      recordsOf: (writes, transaction) => this.journal.of(writes, transaction, context),
      explained: (request, error) => this.access.explained({ principal, ...request }, error),
    });
  }
}
