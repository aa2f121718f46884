import { markup } from './markup.js';
import type { Page } from './page.js';

const explanations: Readonly<Record<string, string>> = {
  invalid_client: 'The application that sent you here is not registered, or it was disabled.',
  invalid_redirect_uri:
    'The application asked to send you to an address that is not registered for it, so you stay here.',
  invalid_request: 'The request that brought you here can’t be answered.',
  temporarily_unavailable: 'The server can’t answer just now. Try again in a moment.',
  server_error: 'The server failed. Its log has the reason.',
};

/** What went wrong, for the person in front of the browser. */
export function errorPage(error: {
  readonly error?: string | undefined;
  readonly error_description?: string | undefined;
}): Page {
  const code = error.error ?? 'server_error';
  const details =
    error.error_description === undefined
      ? undefined
      : markup`<dt>Details</dt><dd>${error.error_description}</dd>`;
  return {
    title: 'Something went wrong',
    body: markup`<h1>Something went wrong</h1>
<p>${explanations[code] ?? 'The request that brought you here was refused.'}</p>
<p>Go back to the application and start again. If it happens again, tell the people who run it:</p>
<dl>
<dt>Error</dt><dd><code>${code}</code></dd>
${details}
</dl>`,
  };
}
