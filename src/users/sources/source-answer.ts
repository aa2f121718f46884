import type { SourceUser } from './user-source.js';

const longestId = 255;

/**
 * What a source said of a user, read: an extension may have been written without the types.
 *
 * @returns null: nobody, also where the source means a name in another spelling
 * @throws Error where it can't be used
 */
export function readUser(answer: SourceUser | null, username: string): SourceUser | null {
  const given: unknown = answer;
  if (given === null) return null;
  if (typeof given !== 'object') throw new Error('its answer is no user and not null');
  const { id, roles, fhirUser, enabled, ...rest } = given as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || id === '' || id.length > longestId) {
    throw new Error(`its answer has no id of 1 to ${longestId} characters`);
  }
  if (typeof rest.username !== 'string') throw new Error('its answer has no username');
  if (enabled !== undefined && typeof enabled !== 'boolean') throw new Error('enabled is true or false');
  if (rest.username !== username) return null;
  return {
    id,
    username,
    roles: readRoles(roles),
    fhirUser: typeof fhirUser === 'string' ? fhirUser : null,
    enabled: enabled ?? true,
  };
}

/** @throws Error where it can't be used */
export function readRoles(answer: unknown): readonly string[] {
  if (Array.isArray(answer) && answer.every((role) => typeof role === 'string')) return answer;
  throw new Error('its answer has no list of roles');
}
