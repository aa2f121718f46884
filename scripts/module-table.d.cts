export const modules: Readonly<Record<string, readonly string[]>>;
export const floors: Readonly<Record<string, readonly string[]>>;
