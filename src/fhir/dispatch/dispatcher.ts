import { Injectable } from '@nestjs/common';
import { CapabilitiesInteraction } from '../capability/capabilities.interaction.js';
import { OperationDefinitions } from '../capability/operation-definitions.js';
import { collected } from '../exchange/collected-result.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { received, type InteractionRequest } from '../exchange/interaction-request.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import type { SubsetRequest } from '../format/subset/subset-request.js';
import { subsetResult } from '../exchange/subset-result.js';
import { CompartmentSearchInteraction } from '../interactions/compartment-search.interaction.js';
import { ConditionalDeleteInteraction } from '../interactions/conditional-delete.interaction.js';
import { ConditionalUpdateInteraction } from '../interactions/conditional-update.interaction.js';
import { CreateInteraction } from '../interactions/create.interaction.js';
import { DeleteInteraction } from '../interactions/delete.interaction.js';
import { InstanceHistoryInteraction } from '../interactions/instance-history.interaction.js';
import { PatchInteraction } from '../interactions/patch.interaction.js';
import { ReadInteraction } from '../interactions/read.interaction.js';
import { RepositoryHistoryInteraction } from '../interactions/repository-history.interaction.js';
import { SearchSystemInteraction } from '../interactions/search-system.interaction.js';
import { SearchTypeInteraction } from '../interactions/search-type.interaction.js';
import { UpdateInteraction } from '../interactions/update.interaction.js';
import { VersionReadInteraction } from '../interactions/vread.interaction.js';
import { OperationCaller } from '../operations/operation-caller.js';
import { Authorization } from './authorization.js';

type RequestOf<I extends InteractionRequest['interaction']> = Extract<InteractionRequest, { interaction: I }>;

/** @param place FHIRPath of the entry, for errors; empty: a request of its own */
type Answer<I extends InteractionRequest['interaction']> = (
  context: InteractionContext,
  request: RequestOf<I>,
  place: string,
) => Promise<InteractionResult>;

type AnswerTable = { readonly [I in InteractionRequest['interaction']]: Answer<I> };

/** Has every request authorised and carried out, whether it came by a route of its own or as an entry of a Bundle. */
@Injectable()
export class Dispatcher {
  /** Which interaction answers. */
  private readonly answers: AnswerTable;

  constructor(
    private readonly authorization: Authorization,
    create: CreateInteraction,
    update: UpdateInteraction,
    conditionalUpdate: ConditionalUpdateInteraction,
    patch: PatchInteraction,
    remove: DeleteInteraction,
    conditionalRemove: ConditionalDeleteInteraction,
    read: ReadInteraction,
    readVersion: VersionReadInteraction,
    history: InstanceHistoryInteraction,
    histories: RepositoryHistoryInteraction,
    search: SearchTypeInteraction,
    systemSearch: SearchSystemInteraction,
    compartments: CompartmentSearchInteraction,
    capabilities: CapabilitiesInteraction,
    definitions: OperationDefinitions,
    operations: OperationCaller,
  ) {
    this.answers = {
      create: async (context, { type, resource, ifNoneExist }, place) =>
        create.execute(context, type, await received(resource), ifNoneExist, place),
      update: async (context, { type, id, resource, precondition }, place) =>
        update.execute(context, type, id, await received(resource), precondition, place),
      'conditional-update': async (context, { type, criteria, resource, precondition }, place) =>
        conditionalUpdate.execute(context, type, criteria, await received(resource), precondition, place),
      patch: async (context, request) =>
        patch.execute(context, request.type, request, await received(request.patch), request.precondition),
      'conditional-patch': async (context, request) =>
        patch.execute(context, request.type, request, await received(request.patch), request.precondition),
      delete: (context, { type, id, precondition }) => remove.execute(context, type, id, precondition),
      'conditional-delete': (context, { type, criteria, precondition }) =>
        conditionalRemove.execute(context, type, criteria, precondition),
      read: (context, { type, id, condition }) =>
        definitions.orStored(context.endpoint, { type, id }, () =>
          read.execute(context, type, id, condition),
        ),
      vread: (context, { type, id, version, condition }) =>
        readVersion.execute(context, type, id, version, condition),
      'history-instance': (context, { type, id, parameters }) =>
        history.execute(context, type, id, parameters),
      'history-type': (context, { type, parameters }) => histories.execute(context, type, parameters),
      'history-system': (context, { parameters }) => histories.execute(context, null, parameters),
      'search-type': (context, { type, parameters }) =>
        definitions.orFound(context.endpoint, { type, parameters }, () =>
          search.execute(context, type, parameters),
        ),
      'search-system': (context, { parameters }) => systemSearch.execute(context, parameters),
      'compartment-search': (context, { type, owner, parameters }) =>
        compartments.execute(context, owner, type ?? '*', parameters),
      // eslint-disable-next-line @typescript-eslint/require-await -- what it throws becomes a rejection
      capabilities: async ({ endpoint }, { mode }) => capabilities.execute(endpoint, mode),
      operation: (context, request) => operations.call(context, request),
    };
  }

  /** @throws FirekeepError as `Authorization.require` */
  authorize(context: InteractionContext, request: InteractionRequest): void {
    this.authorization.require(context, request);
  }

  /**
   * Authorises a request and carries it out.
   *
   * @param place FHIRPath of the entry, where it is one
   * @throws FirekeepError
   */
  async answer(
    context: InteractionContext,
    request: InteractionRequest,
    place = '',
  ): Promise<InteractionResult> {
    this.authorize(context, request);
    return this.carryOut(context, request, place);
  }

  /** Carries out what `authorize` has been asked about. */
  carryOut(context: InteractionContext, request: InteractionRequest, place = ''): Promise<InteractionResult> {
    // The table holds the answer of this request's interaction under its name.
    const answer = this.answers[request.interaction] as Answer<InteractionRequest['interaction']>;
    const result = answer(context, request, place);
    return 'subset' in request ? subsetOf(result, request.subset) : result;
  }
}

async function subsetOf(
  result: Promise<InteractionResult>,
  subset: SubsetRequest | undefined,
): Promise<InteractionResult> {
  return subsetResult(await collected(await result), subset);
}
