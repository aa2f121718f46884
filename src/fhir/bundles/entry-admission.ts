import { Inject, Injectable } from '@nestjs/common';
import { ENTRY_GATE, type EntryGate, type GatedEntry } from '../../contract/index.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { interactionOf, type EntryRequest } from '../exchange/interaction-request.js';
import type { BundleEntryText } from '../format/bundle-text.js';
import { parseEntryAddress } from './entry-address.js';

/** Lets an entry in as the request that it stands for would be let in: by the checks of the gate, and by the policy. */
@Injectable()
export class EntryAdmission {
  constructor(
    @Inject(ENTRY_GATE) private readonly gate: EntryGate,
    private readonly dispatcher: Dispatcher,
  ) {}

  /**
   * @param bases base URLs of the repository
   * @throws FirekeepError as the gate and `Dispatcher.authorize` refuse it
   */
  async admit(
    context: InteractionContext,
    entry: BundleEntryText,
    request: EntryRequest,
    bases: readonly string[],
  ): Promise<void> {
    const authorize = (): void => this.dispatcher.authorize(context, request);
    // What anyone may ask for is asked of nobody.
    if (request.interaction === 'capabilities') authorize();
    else await this.gate.admit(context.principal, gated(context, entry, request, bases), authorize);
  }
}

function gated(
  { endpoint }: InteractionContext,
  { request: sent }: BundleEntryText,
  request: EntryRequest,
  bases: readonly string[],
): GatedEntry {
  const { segments } = parseEntryAddress(sent?.url ?? '', bases, '');
  return {
    method: sent?.method ?? '',
    url: `${endpoint.base}/${segments.map(written).join('/')}`,
    interaction: interactionOf(request),
    ...addressOf(request),
  };
}

/** A segment as callers write it. */
function written(segment: string): string {
  return encodeURIComponent(segment).replace(/^%24/, '$');
}

/** As the routes name it: a compartment by its owner. */
function addressOf(request: EntryRequest): Pick<GatedEntry, 'resourceType' | 'id' | 'operation'> {
  switch (request.interaction) {
    case 'compartment-search':
      return { resourceType: request.owner.type, id: request.owner.id, operation: null };
    case 'operation': {
      const { name, id = null } = request.target;
      return { resourceType: request.type, id, operation: `$${name}` };
    }
    default:
      return { resourceType: request.type, id: 'id' in request ? request.id : null, operation: null };
  }
}
