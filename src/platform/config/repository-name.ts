const shape = /^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Lower-case ASCII letters, digits and `-`, at most 64. */
export function isRepositoryName(name: string): boolean {
  return shape.test(name);
}
