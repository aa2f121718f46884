import { Accounts1764000001000 } from './1764000001000-accounts.js';
import { FhirStore1764000002000 } from './1764000002000-fhir-store.js';
import { Trust1764000004000 } from './1764000004000-trust.js';

/** Every schema change, oldest first. Forward only; a name never changes once it has landed. */
export const migrations = [Accounts1764000001000, FhirStore1764000002000, Trust1764000004000] as const;
