import type { Settings } from '../platform/config/index.js';

/** The issuer identifier; everything of the authorization server lies below it. */
export function issuerOf(settings: Settings): string {
  return `${settings.publicUrl}/oauth2`;
}
