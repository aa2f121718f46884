import { Accounts1764000001000 } from './1764000001000-accounts.js';

/** Every schema change, oldest first. Forward only; a name never changes once it has landed. */
export const migrations = [Accounts1764000001000] as const;
