import { Injectable } from '@nestjs/common';
import { matchesVersion, type EntityTags } from '../format/entity-tag.js';
import { HookRunner } from '../hooks/hook-runner.js';
import { AccessedStores } from '../access/accessed-stores.js';
import type { StoredResource } from '../storage/ports.js';
import type { InteractionContext } from './interaction-context.js';
import { deletedResource, unknownResource } from './interaction-errors.js';
import type { InteractionResult } from './interaction-result.js';
import { ResourceIntake } from './resource-intake.js';
import { storedResult } from './write-plan.js';

/** Conditions of a read. Source: FHIR R4 http.html#cread. */
export interface ReadCondition {
  readonly ifNoneMatch?: EntityTags;
  /** Milliseconds since the epoch. */
  readonly ifModifiedSince?: number;
}

/**
 * Answers the current version of a resource.
 *
 * @see https://hl7.org/fhir/R4/http.html#read
 */
@Injectable()
export class ReadInteraction {
  constructor(
    private readonly stores: AccessedStores,
    private readonly intake: ResourceIntake,
    private readonly hooks: HookRunner,
  ) {}

  /** @throws FirekeepError 404 for an unknown type or resource, 410 for a deleted one */
  execute(
    context: InteractionContext,
    type: string,
    id: string,
    condition: ReadCondition = {},
  ): Promise<InteractionResult> {
    this.intake.requireType(type);
    return this.hooks.reading(context, { interaction: 'read', type, id }, () =>
      this.find(context, type, id, condition),
    );
  }

  private async find(
    context: InteractionContext,
    type: string,
    id: string,
    condition: ReadCondition,
  ): Promise<InteractionResult> {
    const stored = await this.stores.of(context).read(context.endpoint.repository, type, id);
    if (stored === undefined) throw unknownResource(type, id);
    if (stored.deleted) throw deletedResource(type, id);
    return answerUnlessUnmodified(stored, condition);
  }
}

/** The version, or 304 where the client has it already. */
export function answerUnlessUnmodified(stored: StoredResource, condition: ReadCondition): InteractionResult {
  const result = storedResult(stored);
  return isUnmodified(stored, condition) && result.version
    ? { status: 304, version: result.version }
    : result;
}

/** RFC 9110 section 13.2.2: If-Modified-Since counts only where If-None-Match is absent. */
function isUnmodified(stored: StoredResource, { ifNoneMatch, ifModifiedSince }: ReadCondition): boolean {
  if (ifNoneMatch !== undefined) return matchesVersion(ifNoneMatch, stored.version);
  // HTTP dates have whole seconds.
  return ifModifiedSince !== undefined && Math.floor(stored.lastUpdated / 1000) * 1000 <= ifModifiedSince;
}
