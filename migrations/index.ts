/** Every schema change, oldest first. Forward only; a name never changes once it has landed. */
export const migrations = [] as const;
