import type { Principal } from '../../contract/index.js';
import type { CheckContext } from './check.js';

/** The caller of the management API; it has no clinical rights by this. */
export function administratorOf({ user, claims }: Pick<CheckContext, 'user' | 'claims'>): Principal {
  return {
    subject: user?.username ?? '',
    kind: 'user',
    clientId: claims?.clientId ?? null,
    issuer: claims?.issuer ?? null,
    roles: user?.roles ?? [],
    scopes: claims?.scopes ?? null,
    fhirUser: user?.fhirUser ?? null,
    patient: null,
  };
}
