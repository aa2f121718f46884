import { Injectable } from '@nestjs/common';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { interactionOf, isConditional, type InteractionRequest } from '../exchange/interaction-request.js';
import { SearchSystemInteraction } from '../interactions/search-system.interaction.js';
import { OperationCaller } from '../operations/operation-caller.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';

/**
 * Asks whether a request may be made at all, before anything of it is read or carried out. What is granted in part is
 * narrowed by the passage.
 */
@Injectable()
export class Authorization {
  constructor(
    private readonly access: InteractionAccess,
    private readonly operations: OperationCaller,
    private readonly systemSearch: SearchSystemInteraction,
  ) {}

  /** @throws FirekeepError 403 where the policy does not cover it; 404, 405 for an operation that is not there */
  require(context: InteractionContext, request: InteractionRequest): void {
    const { principal } = context;
    switch (request.interaction) {
      // Anyone may ask what the server can do.
      case 'capabilities':
        return;
      // Each operation declares what its caller must be allowed.
      case 'operation':
        this.operations.authorize(request.target, request.method, principal);
        return;
      // The types are in `_type`.
      case 'search-system':
        this.systemSearch.authorize(context, request.parameters);
        return;
      default:
        this.access.require({
          principal,
          interaction: interactionOf(request),
          resourceType: request.type,
          ...('id' in request ? { id: request.id } : {}),
          ...(isConditional(request) ? { conditional: true } : {}),
        });
    }
  }
}
