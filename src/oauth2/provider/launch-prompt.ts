import { interactionPolicy, type InteractionResults } from 'oidc-provider';
import {
  nextLaunchStep,
  noProgress,
  type LaunchProgress,
  type LaunchRequest,
} from '../launch/launch-steps.js';

/** Between sign-in and consent, as often as a step of the launch is open. */
export function launchPrompt(): interactionPolicy.Prompt {
  return new interactionPolicy.Prompt(
    { name: 'launch', requestable: false },
    new interactionPolicy.Check(
      'launch_context_incomplete',
      'the launch context is not known yet',
      'interaction_required',
      ({ oidc }) =>
        nextLaunchStep(
          launchRequestOf(oidc.params ?? {}),
          progressOf(oidc.result, oidc.session?.accountId),
        ) !== undefined,
    ),
  );
}

interface KeptProgress {
  readonly username: string | undefined;
  readonly progress: LaunchProgress;
}

/** As a result of an interaction, which stays in the store, out of reach of the browser. */
export function keptProgress(username: string | undefined, progress: LaunchProgress): InteractionResults {
  return { launch: { username, progress } satisfies KeptProgress };
}

/** Nothing where another user has signed in since. */
export function progressOf(
  result: InteractionResults | undefined,
  username: string | undefined,
): LaunchProgress {
  const kept = result?.launch as KeptProgress | undefined;
  return kept === undefined || kept.username !== username ? noProgress : kept.progress;
}

export function launchRequestOf({
  scope,
  launch,
  resource,
}: Readonly<Record<string, unknown>>): LaunchRequest {
  return {
    scopes: typeof scope === 'string' ? scope.split(' ').filter((text) => text !== '') : [],
    launch: typeof launch === 'string' ? launch : undefined,
    resource: typeof resource === 'string' ? resource : undefined,
  };
}
