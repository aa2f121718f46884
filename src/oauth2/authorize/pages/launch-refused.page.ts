import { markup, type Markup } from './markup.js';
import type { Page } from './page.js';

export interface LaunchRefusedView {
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly username: string;
  readonly reason: LaunchRefusal;
  /** Where the user signs out here. */
  readonly signOut: string;
  readonly formTargets: readonly unknown[];
}

/** Why an app can't be let in with the context that it was launched in, or needs. */
export type LaunchRefusal =
  'unknown' | 'used' | 'expired' | 'user' | 'client' | 'endpoint' | 'patient' | 'encounter' | 'no-patient';

const texts = {
  title: 'This launch can’t go on',
  explanations: {
    unknown:
      'The launch that brought you here is not known. It may have been withdrawn, or its link is damaged.',
    used: 'The launch that brought you here was used before. Each one works once.',
    expired: 'The launch that brought you here has expired. It must be used soon after it was started.',
    user: 'It was started for another person than the one who is signed in here.',
    client: 'It was started for another application.',
    endpoint: 'It was started for other records than the application asks for.',
    patient: 'The patient that it was started for is not among those that you may see.',
    encounter: 'The encounter that it was started for is not one of the patient that you may see.',
    'no-patient': 'The application needs a patient, and there is none that you may see here.',
  } satisfies Record<LaunchRefusal, string>,
  again: markup`Start the application again from where you were.`,
  ask: markup`Ask the people who run this server for access.`,
  another: (signOut: string) =>
    markup`<a href="${signOut}">Sign out here</a>, then start the application again as that person.`,
  signedIn: 'Signed in as',
  application: 'Application',
  back: (client: string) => `Back to ${client}`,
};

/** Explains why the launch ends here, and leads back to the app. */
export function launchRefusedPage({ reason, ...view }: LaunchRefusedView): Page {
  return {
    title: texts.title,
    formTargets: view.formTargets,
    body: markup`<h1>${texts.title}</h1>
<p role="alert">${texts.explanations[reason]}</p>
<p>${remedyOf(reason, view.signOut)}</p>
<dl>
<dt>${texts.signedIn}</dt><dd>${view.username}</dd>
<dt>${texts.application}</dt><dd>${view.clientName}</dd>
</dl>
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="launch">
<div class="actions">
<button class="main" type="submit" name="decision" value="cancel">${texts.back(view.clientName)}</button>
</div>
</form>`,
  };
}

function remedyOf(reason: LaunchRefusal, signOut: string): Markup {
  if (reason === 'user') return texts.another(signOut);
  return ['patient', 'encounter', 'no-patient'].includes(reason) ? texts.ask : texts.again;
}
