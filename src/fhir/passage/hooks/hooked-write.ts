import type { JsonObject } from '../../format/parsed-resource.js';
import type { VersionWrite, StoredResource } from '../../storage/ports.js';
import type { PendingWrite } from './hook-set.js';
import { deepFreeze } from './replacement-text.js';

/** A planned write as hooks see it; bodies are parsed only for a hook that looks at them. */
export class HookedWrite implements PendingWrite {
  readonly kind: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: number;
  private parsed: JsonObject | undefined;
  private parsedBefore: JsonObject | undefined;

  constructor(
    private readonly write: VersionWrite,
    private readonly before?: StoredResource,
  ) {
    const { type, id, version, lastUpdated } = write;
    this.type = type;
    this.id = id;
    this.version = version;
    this.lastUpdated = lastUpdated;
    // A deleted resource that comes back has been created, as its status says.
    this.kind = write.kind === 'update' && before?.deleted !== false ? 'create' : write.kind;
  }

  get resource(): JsonObject | undefined {
    if (this.write.kind === 'delete') return undefined;
    return (this.parsed ??= parse(this.write.content));
  }

  get previous(): JsonObject | undefined {
    if (this.before === undefined || this.before.deleted) return undefined;
    return (this.parsedBefore ??= parse(this.before.content));
  }
}

function parse(content: Buffer): JsonObject {
  return deepFreeze(JSON.parse(content.toString('utf8')) as JsonObject);
}
