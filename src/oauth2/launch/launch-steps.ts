import { parseScope } from '../scopes/scope-grammar.js';
import type { LaunchContext } from './launch-context.js';

/** What has to be found out before an app can be let in: by a launch handle, or by asking the user. */
export type LaunchStep = 'handle' | 'patient' | 'encounter';

/** What earlier steps of the same authorization request found out. */
export interface LaunchProgress {
  readonly context: LaunchContext;
  /** Done, with or without a result. */
  readonly settled: readonly LaunchStep[];
}

/** Of an authorization request, what launches depend on. */
export interface LaunchRequest {
  readonly scopes: readonly string[];
  /** Handle of a launch from an EHR; undefined: the app was started by itself. */
  readonly launch: string | undefined;
  /** Undefined: nothing but the identity is asked for. */
  readonly resource: string | undefined;
}

export const noProgress: LaunchProgress = { context: {}, settled: [] };

/**
 * The next step on the way to the context that a request needs; undefined: all is known that can be. `patient/` scopes
 * mean a patient in context, and an encounter is one of the patient.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#requesting-context-with-scopes
 */
export function nextLaunchStep(request: LaunchRequest, progress: LaunchProgress): LaunchStep | undefined {
  const { scopes, launch, resource } = request;
  if (resource === undefined) return undefined;
  const { context, settled } = progress;
  if (launch !== undefined && !settled.includes('handle')) return 'handle';
  const needsEncounter = scopes.includes('launch/encounter');
  const needsPatient = needsEncounter || scopes.includes('launch/patient') || scopes.some(isOfPatient);
  if (needsPatient && context.patient === undefined && !settled.includes('patient')) return 'patient';
  if (needsEncounter && context.encounter === undefined && !settled.includes('encounter')) return 'encounter';
  return undefined;
}

/** Progress after a step; what is known stays. */
export function settle(
  { context, settled }: LaunchProgress,
  step: LaunchStep,
  found: LaunchContext = {},
): LaunchProgress {
  return { context: { ...found, ...context }, settled: [...settled, step] };
}

/** Scopes that ask for a context which there is none of: they aren't granted, so that the app sees it. */
export function unmetScopes(scopes: readonly string[], { context, settled }: LaunchProgress): string[] {
  const met: Readonly<Record<string, boolean>> = {
    launch: settled.includes('handle'),
    'launch/patient': context.patient !== undefined,
    'launch/encounter': context.encounter !== undefined,
  };
  return scopes.filter((scope) => Object.hasOwn(met, scope) && met[scope] !== true);
}

function isOfPatient(text: string): boolean {
  const scope = parseScope(text);
  return scope?.kind === 'resource' && scope.context === 'patient';
}
