import type { Passage } from '../passage/passage.js';
import type { EntryRequest } from '../exchange/interaction-request.js';
import type { InteractionContext } from '../exchange/interaction-context.js';

/**
 * Lets the hooks before a write see an entry of a transaction.
 *
 * @param place FHIRPath of the entry
 * @returns the entry with the body that is to be written
 * @throws FirekeepError a veto, what is wrong with the body, or `FHIR_HOOK_…`
 */
export async function beforeEntry(
  passage: Passage,
  context: InteractionContext,
  request: EntryRequest,
  place: string,
): Promise<EntryRequest> {
  const shown = async (
    interaction: 'create' | 'update',
    { type, resource }: { readonly type: string; readonly resource: Buffer },
    id?: string,
  ) => passage.beforeWrite(context, { interaction, type, id, body: resource, place: `${place}.resource` });
  switch (request.interaction) {
    case 'create':
      return { ...request, resource: await shown('create', request) };
    case 'update':
      return { ...request, resource: await shown('update', request, request.id) };
    case 'conditional-update':
      return { ...request, resource: await shown('update', request) };
    case 'delete':
      await passage.beforeDelete(context, request.type, request.id);
      return request;
    case 'conditional-delete':
      await passage.beforeDelete(context, request.type, undefined);
      return request;
    // What a patch makes of a resource is known inside the transaction only: `Passage.commitShowing`.
    case 'patch':
    case 'conditional-patch':
    default:
      return request;
  }
}
