import type { StoredResource } from '../../storage/ports.js';
import { deletedResource, unknownResource } from '../../exchange/interaction-errors.js';
import type { IncomingResource } from '../../exchange/resource-intake.js';
import { asReadable, type Plan, planRevision, type Revising } from '../../exchange/write-plan.js';
import { asPatchResult, patchedText } from './patch-apply.js';
import type { PatchDocument } from './patch-document.js';
import { checkPrecondition, type WritePrecondition } from '../../exchange/preconditions.js';

/**
 * The next version of a resource with a patch applied; none where the patch changes nothing.
 * Without a body in the result where the caller may not read what the patch makes of it. Source: FHIR R4 http.html#patch.
 *
 * @param accept checks the patched text as the text of this resource
 * @throws FirekeepError 403, 404, 410, 412, 413 or 422
 */
export function planPatch(
  patch: PatchDocument,
  accept: (text: Buffer) => IncomingResource,
  { type, id }: { readonly type: string; readonly id: string },
  current: StoredResource | undefined,
  { now, mayRead, requireRevisable }: Revising,
  precondition: WritePrecondition = {},
): Plan {
  if (current === undefined) throw unknownResource(type, id);
  if (current.deleted) throw deletedResource(type, id);
  requireRevisable(current, 'its content');
  checkPrecondition(type, id, current, precondition);
  const text = patchedText(current.content, patch);
  const incoming = asPatchResult(() => accept(text));
  // It may have become what the caller may write and not see.
  return asReadable(planRevision(incoming, id, current, now), mayRead);
}
