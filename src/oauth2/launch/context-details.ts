import type { LaunchContext } from './launch-context.js';
import type { LaunchDirectory, LaunchUser } from './launch-directory.js';

/** A launch context in words. */
export interface ContextDetails {
  readonly patient?: string;
  readonly encounter?: string;
}

/** Names as the user may see them; ids of what they may not. */
export async function contextDetails(
  directory: LaunchDirectory,
  user: LaunchUser,
  { patient: id, encounter: encounterId }: Pick<LaunchContext, 'patient' | 'encounter'>,
): Promise<ContextDetails> {
  if (id === undefined) return {};
  const patient = await directory.patient(user, id);
  if (encounterId === undefined) return { patient: patient?.name ?? id };
  const encounter = await directory.encounter(user, id, encounterId);
  return { patient: patient?.name ?? id, encounter: encounter?.title ?? encounterId };
}
