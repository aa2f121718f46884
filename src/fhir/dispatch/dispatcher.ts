import { Injectable } from '@nestjs/common';
import { CapabilitiesInteraction } from '../capability/capabilities.interaction.js';
import { OperationCaller } from '../operations/operation-caller.js';
import { OperationParameters } from '../operations/operation-parameters.js';
import { CompartmentSearchInteraction } from '../interactions/compartment-search.interaction.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import { ConditionalDeleteInteraction } from '../interactions/conditional-delete.interaction.js';
import { ConditionalUpdateInteraction } from '../interactions/conditional-update.interaction.js';
import { CreateInteraction } from '../interactions/create.interaction.js';
import { DeleteInteraction } from '../interactions/delete.interaction.js';
import {
  interactionOf,
  isConditional,
  type EntryRequest,
  type OperationEntry,
  type ReadingEntry,
} from '../exchange/interaction-request.js';
import { notSupported } from '../exchange/interaction-errors.js';
import { InstanceHistoryInteraction } from '../interactions/instance-history.interaction.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { PatchInteraction } from '../interactions/patch.interaction.js';
import { ReadInteraction } from '../interactions/read.interaction.js';
import { RepositoryHistoryInteraction } from '../interactions/repository-history.interaction.js';
import { SearchSystemInteraction } from '../interactions/search-system.interaction.js';
import { SearchTypeInteraction } from '../interactions/search-type.interaction.js';
import { subsetResult } from '../exchange/subset-result.js';
import { UpdateInteraction } from '../interactions/update.interaction.js';
import { VersionReadInteraction } from '../interactions/vread.interaction.js';

/** Runs one entry of a Bundle by itself, through the same interactions as a request of its own. */
@Injectable()
export class EntryExecutor {
  constructor(
    private readonly access: InteractionAccess,
    private readonly create: CreateInteraction,
    private readonly update: UpdateInteraction,
    private readonly conditionalUpdate: ConditionalUpdateInteraction,
    private readonly patch: PatchInteraction,
    private readonly conditionalRemove: ConditionalDeleteInteraction,
    private readonly remove: DeleteInteraction,
    private readonly readCurrent: ReadInteraction,
    private readonly readVersion: VersionReadInteraction,
    private readonly history: InstanceHistoryInteraction,
    private readonly repositoryHistory: RepositoryHistoryInteraction,
    private readonly search: SearchTypeInteraction,
    private readonly systemSearch: SearchSystemInteraction,
    private readonly compartments: CompartmentSearchInteraction,
    private readonly capabilities: CapabilitiesInteraction,
    private readonly operations: OperationCaller,
  ) {}

  /** @throws FirekeepError 403 where the policy does not cover the entry; 404, 405 for an operation that is not there */
  authorize(context: InteractionContext, entry: EntryRequest): void {
    const { principal } = context;
    // Anyone may ask what the server can do.
    if (entry.interaction === 'capabilities') return;
    if (entry.interaction === 'operation') {
      this.operations.authorize(entry.target, entry.method, principal);
      return;
    }
    if (entry.interaction === 'search-system') {
      this.systemSearch.authorize(context, entry.parameters);
      return;
    }
    this.access.require({
      principal,
      interaction: interactionOf(entry),
      resourceType: entry.type,
      ...('id' in entry ? { id: entry.id } : {}),
      ...(isConditional(entry) ? { conditional: true } : {}),
    });
  }

  /** @throws FirekeepError 400 for an operation that changes something: outside of the transaction's own commit */
  requireReading({ target: { name } }: OperationEntry): void {
    if (!this.operations.changes(name)) return;
    throw notSupported(
      `The operation "$${name}" changes what is stored, so it can't be part of a transaction; a batch may have it.`,
    );
  }

  /** Authorises and runs an entry of a batch. */
  async execute(context: InteractionContext, entry: EntryRequest, place: string): Promise<InteractionResult> {
    this.authorize(context, entry);
    const at = `${place}.resource`;
    switch (entry.interaction) {
      case 'create':
        return this.create.execute(context, entry.type, entry.resource, entry.ifNoneExist, at);
      case 'update': {
        const { type, id, resource, precondition } = entry;
        return this.update.execute(context, type, id, resource, precondition, at);
      }
      case 'conditional-update': {
        const { type, criteria, resource, precondition } = entry;
        return this.conditionalUpdate.execute(context, type, criteria, resource, precondition, at);
      }
      case 'patch':
      case 'conditional-patch':
        return this.patch.execute(context, entry.type, entry, entry.patch, entry.precondition);
      case 'conditional-delete':
        return this.conditionalRemove.execute(context, entry.type, entry.criteria, entry.precondition);
      case 'delete':
        return this.remove.execute(context, entry.type, entry.id, entry.precondition);
      default:
        return this.executeReading(context, entry);
    }
  }

  /** Runs an entry that reads; `authorize` has been asked. */
  async executeReading(context: InteractionContext, entry: ReadingEntry): Promise<InteractionResult> {
    return subsetResult(await this.read(context, entry), entry.subset);
  }

  private read(context: InteractionContext, entry: ReadingEntry): Promise<InteractionResult> {
    const { type } = entry;
    switch (entry.interaction) {
      case 'capabilities':
        return Promise.resolve(this.capabilities.execute(context.endpoint, entry.mode));
      case 'operation':
        return this.call(context, entry);
      case 'compartment-search':
        return this.compartments.execute(context, entry.owner, type ?? '*', entry.parameters);
      case 'read':
        return this.readCurrent.execute(context, entry.type, entry.id, entry.condition);
      case 'vread':
        return this.readVersion.execute(context, entry.type, entry.id, entry.version, entry.condition);
      case 'history-instance':
        return this.history.execute(context, entry.type, entry.id, entry.parameters);
      case 'history-type':
      case 'history-system':
        return this.repositoryHistory.execute(context, type, entry.parameters);
      case 'search-system':
        return this.systemSearch.execute(context, entry.parameters);
      case 'search-type':
        return this.search.execute(context, entry.type, entry.parameters);
    }
  }
  private call(context: InteractionContext, entry: OperationEntry): Promise<InteractionResult> {
    const { target, method, body, precondition } = entry;
    const operation = this.operations.authorize(target, method, context.principal);
    const parameters = OperationParameters.read(entry.parameters, body);
    return this.operations.execute(operation, target, {
      context,
      parameters,
      isRead: method !== 'POST',
      precondition,
    });
  }
}
