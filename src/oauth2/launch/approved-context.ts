import { parseScope } from '../scopes/scope-grammar.js';
import type { LaunchContext } from './launch-context.js';

/**
 * Of a launch context, what goes with the scopes that a person left: taking a scope of the launch away takes its
 * context with it.
 */
export function approvedContext(scopes: readonly string[], context: LaunchContext): LaunchContext {
  if (scopes.includes('launch')) return context;
  const {
    fhirContext: _fhirContext,
    intent: _intent,
    tenant: _tenant,
    patient,
    encounter,
    ...rest
  } = context;
  const hasEncounter = scopes.includes('launch/encounter');
  const hasPatient = hasEncounter || scopes.includes('launch/patient') || scopes.some(isOfPatient);
  return {
    ...rest,
    ...(hasPatient && patient !== undefined ? { patient } : {}),
    ...(hasEncounter && encounter !== undefined ? { encounter } : {}),
  };
}

function isOfPatient(text: string): boolean {
  const scope = parseScope(text);
  return scope?.kind === 'resource' && scope.context === 'patient';
}
