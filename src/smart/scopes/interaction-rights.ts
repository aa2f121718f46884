import type { Interaction } from '../../contract/index.js';

type Right = 'create' | 'read' | 'update' | 'delete' | 'search';

/**
 * The letters of `cruds` that an interaction needs. What isn't in the table is denied.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources
 */
const rightOf: Partial<Readonly<Record<Interaction, Right>>> = {
  read: 'read',
  vread: 'read',
  'history-instance': 'read',
  'search-type': 'search',
  'search-system': 'search',
  'history-type': 'search',
  'history-system': 'search',
  create: 'create',
  update: 'update',
  patch: 'update',
  delete: 'delete',
};

/** Rights on types, as a scope or the rule of a role gives them. */
export type TypeRights = Readonly<Record<Right, boolean>> & { readonly resourceType: string };

/** Whether the scope's letters and type cover the interaction. */
export function covers(scope: TypeRights, interaction: Interaction, resourceType: string | null): boolean {
  const right = rightOf[interaction];
  if (right === undefined || !scope[right]) return false;
  return scope.resourceType === '*' || scope.resourceType === resourceType;
}

/** The letters of `cruds` that the interaction needs, in their order; undefined: none will do. */
export function lettersFor(interaction: Interaction, conditional: boolean): string | undefined {
  const right = rightOf[interaction];
  if (right === undefined) return undefined;
  const letter = right.charAt(0);
  return conditional && letter !== 's' ? `${letter}s` : letter;
}
