import type { AccessRequest, Interaction } from '../../contract/index.js';

/** The type of the audit's events, by this server and by others. */
export const eventType = 'AuditEvent';

const changes: ReadonlySet<Interaction> = new Set(['update', 'patch', 'delete']);

/** Whether the request would change or delete an event, or make one under an id of the client's choice. */
export function changesEvent({ interaction, resourceType }: AccessRequest): boolean {
  return resourceType === eventType && changes.has(interaction);
}

/** Whether the request shows events of the audit: rights on "everything" (`*`, the role practitioner) don't mean them. */
export function readsEvents({ interaction, resourceType }: AccessRequest): boolean {
  return resourceType === eventType && interaction !== 'create' && !changes.has(interaction);
}
