import type { HookRunner } from '../hooks/hook-runner.js';
import type { EntryRequest } from './entry-request.js';
import type { InteractionContext } from './interaction-context.js';

/**
 * Lets the hooks before a write see an entry of a transaction.
 *
 * @param place FHIRPath of the entry
 * @returns the entry with the body that is to be written
 * @throws FirekeepError a veto, what is wrong with the body, or `FHIR_HOOK_…`
 */
export async function beforeEntry(
  hooks: HookRunner,
  context: InteractionContext,
  request: EntryRequest,
  place: string,
): Promise<EntryRequest> {
  const { type } = request;
  const shown = async (interaction: 'create' | 'update', id: string | undefined, body: Buffer) =>
    hooks.beforeWrite(context, { interaction, type, id, body, place: `${place}.resource` });
  switch (request.interaction) {
    case 'create':
      return { ...request, resource: await shown('create', undefined, request.resource) };
    case 'update':
      return { ...request, resource: await shown('update', request.id, request.resource) };
    case 'conditional-update':
      return { ...request, resource: await shown('update', undefined, request.resource) };
    case 'delete':
      await hooks.beforeDelete(context, type, request.id);
      return request;
    case 'conditional-delete':
      await hooks.beforeDelete(context, type, undefined);
      return request;
    // What a patch makes of a resource is known inside the transaction only: `HookRunner.commitShowing`.
    case 'patch':
    case 'conditional-patch':
    default:
      return request;
  }
}
