import { errors, type Configuration } from 'oidc-provider';
import type { ArtifactStore } from '../store/artifact-store.js';

/**
 * Codes, refresh tokens and pushed requests are good for one use.
 *
 * - A refresh token is given up for the next one at each use.
 * - Whoever comes again later is known by the engine, which finds the mark that `useUp` left, and whoever comes at the
 *   same time by `useUp`, since one statement sets the mark for one of them.
 * - A second use is a replay, and nobody can tell which of the two was the thief's: the grant ends, and with it every
 *   code and token that came from it. So it does where one of its tokens is revoked.
 *
 * https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2, https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
 */
export const singleUse = {
  rotateRefreshToken: true,
  revokeGrantPolicy: () => true,
} as const satisfies Configuration;

/**
 * Marks what is used as used.
 *
 * @throws errors.InvalidGrant, of a pushed request errors.InvalidRequestUri, where it was used or revoked before; then
 * its grant has ended
 */
export async function useUp(store: ArtifactStore, model: string, id: string): Promise<void> {
  if (await store.consume(id)) return;
  await store.revokeFamilyOf(id);
  throw model === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('request_uri was used before')
    : new errors.InvalidGrant(`${model} was used before`);
}
