import { createHash } from 'node:crypto';
import type { FhirEndpoint } from '../../endpoints/index.js';

const styles = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 60rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
ul { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: .75rem; }
li { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem; padding: .75rem 1rem; }
a, p { overflow-wrap: anywhere; }
p { margin: .25rem 0 0; }
a:focus-visible { outline: 3px solid; outline-offset: 2px; }
.problem { border-color: #c62828; border-left-width: .4rem; }
`;

/** The page's one style sheet is named by its hash; nothing else may load or run. */
export const startPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(styles).digest('base64')}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const modeTexts: Readonly<Record<FhirEndpoint['checkMode'], string>> = {
  bearer: 'Needs an access token in the Authorization header.',
  'basic-and-bearer': 'Needs HTTP Basic and an access token of the same user in access_token.',
  basic: 'Needs HTTP Basic.',
  open: 'Needs nothing.',
};

export interface StartPageFacts {
  readonly publicUrl: string;
  readonly issuer: string;
  readonly managementUrl: string;
  readonly endpoints: readonly FhirEndpoint[];
  readonly servesAuthorization: boolean;
  readonly servesResources: boolean;
  /** Sentences on what keeps the server from working as configured. */
  readonly problems: readonly string[];
}

/** What runs here and where. */
export function startPage(facts: StartPageFacts): string {
  const { publicUrl, issuer, managementUrl } = facts;
  const endpoints = facts.endpoints.map(({ base, checkMode, repository, enabled }) =>
    item(
      base,
      `${base}/metadata`,
      `${enabled ? modeTexts[checkMode] : 'Disabled.'} Repository ${repository}.`,
    ),
  );
  const server = [
    item('API documentation', `${publicUrl}/docs`, 'Every address with its parameters, to try out.'),
    item('OpenAPI document', `${publicUrl}/docs/openapi.json`, 'The same for programs.'),
    item(
      managementUrl,
      `${publicUrl}/docs#/${encodeURIComponent('Administration: users')}`,
      'Management API, for administrators. The link leads to its documentation.',
    ),
    item('Readiness', `${publicUrl}/health/ready`, 'For load balancers.'),
  ];
  const oauth2 = [
    item(
      'What you have allowed',
      `${issuer}/approvals`,
      'For people: which applications have access in your name, and where you are signed in.',
    ),
    item(issuer, `${issuer}/.well-known/openid-configuration`, 'Issuer: metadata for OpenID Connect.'),
    item(
      'RFC 8414 metadata',
      `${publicUrl}/.well-known/oauth-authorization-server/oauth2`,
      'Metadata for OAuth 2.',
    ),
  ];
  const problems = facts.problems.map((text) => `<li class="problem">${escape(text)}</li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Firekeep</title>
<link rel="icon" type="image/svg+xml" href="${escape(publicUrl)}/favicon.svg">
<style>${styles}</style>
</head>
<body>
<main>
<h1>Firekeep</h1>
<p>FHIR R4 repository with its own authorization server.</p>
${section('Needs attention', problems)}
${facts.servesResources ? section('FHIR endpoints', endpoints) : ''}
${facts.servesAuthorization ? section('Authorization server', oauth2) : ''}
${section('This server', server)}
</main>
</body>
</html>
`;
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `<h2>${title}</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
}

function item(label: string, url: string, text: string): string {
  return `<li><a href="${escape(url)}">${escape(label)}</a><p>${escape(text)}</p></li>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
