/** Injection token of the ResourceStore. What a principal asks for comes to it through the passage alone. */
export const RESOURCE_STORE = Symbol('ResourceStore');
