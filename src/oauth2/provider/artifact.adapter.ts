import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ClientsService } from '../../clients/index.js';
import type { ArtifactStore } from '../store/artifact-store.js';
import { engineMetadata } from './engine-client.js';
import { translated } from './protocol-error.js';
import { useUp } from './single-use.rule.js';

/** The engine's view of the store, one a model. */
export class ArtifactAdapter implements Adapter {
  constructor(
    private readonly model: string,
    private readonly store: ArtifactStore,
  ) {}

  upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    return translated(() => this.store.save(this.model, id, { ...payload }, expiresIn));
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return translated(() => this.store.find(this.model, id));
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return translated(() => this.store.findByUid(this.model, uid));
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return translated(() => this.store.findByUserCode(this.model, userCode));
  }

  consume(id: string): Promise<void> {
    return translated(() => useUp(this.store, this.model, id));
  }

  destroy(id: string): Promise<void> {
    return translated(() =>
      this.model === 'Grant' ? this.store.revokeGrant(id) : this.store.destroy(this.model, id),
    );
  }

  revokeByGrantId(grantId: string): Promise<void> {
    return translated(() => this.store.revokeByGrantId(this.model, grantId));
  }
}

/** Clients come from `clients`; the engine neither creates nor changes them. */
export class ClientAdapter implements Adapter {
  constructor(private readonly clients: ClientsService) {}

  /** A disabled client is none. */
  find(id: string): Promise<AdapterPayload | undefined> {
    return translated(async () => {
      const client = await this.clients.find(id);
      return client?.enabled === true ? engineMetadata(client) : undefined;
    });
  }

  upsert(): Promise<void> {
    return Promise.reject(new Error('Clients are changed by ClientsService only.'));
  }

  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  consume(): Promise<void> {
    return this.upsert();
  }

  destroy(): Promise<void> {
    return this.upsert();
  }

  revokeByGrantId(): Promise<void> {
    return this.upsert();
  }
}
