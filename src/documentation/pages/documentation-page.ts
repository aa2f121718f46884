/** Scripts and styles come from this server alone; the style attributes are Swagger UI's. */
export const documentationPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** @param root relative path of the assets: `docs/` or `./` */
export function documentationPage(root: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Firekeep API</title>
<link rel="icon" type="image/svg+xml" href="${root}../favicon.svg">
<link rel="stylesheet" href="${root}swagger-ui.css">
<link rel="stylesheet" href="${root}page.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${root}swagger-ui-bundle.js"></script>
<script src="${root}swagger-ui-standalone-preset.js"></script>
<script src="${root}init.js"></script>
</body>
</html>
`;
}

/** What Swagger UI leaves to the page around it. */
export const documentationStyles = 'body { margin: 0; }\n';

interface UiOptions {
  readonly clientId: string;
  readonly redirectUrl: string;
  /** What "Authorize" asks for unless the user chooses otherwise. */
  readonly scopes: readonly string[];
  readonly documents: readonly { readonly name: string; readonly url: string }[];
}

/** The script that starts Swagger UI: all documents, and "Authorize" as the built-in public client with PKCE. */
export function documentationScript({ clientId, redirectUrl, scopes, documents }: UiOptions): string {
  const options = JSON.stringify({
    urls: documents,
    'urls.primaryName': documents[0]?.name,
    dom_id: '#swagger-ui',
    deepLinking: true,
    persistAuthorization: false,
    displayRequestDuration: true,
    filter: true,
    oauth2RedirectUrl: redirectUrl,
    validatorUrl: null,
    queryConfigEnabled: false,
    tryItOutEnabled: true,
  });
  const oauth = JSON.stringify({
    clientId,
    appName: 'Firekeep API documentation',
    usePkceWithAuthorizationCodeGrant: true,
  });
  return `'use strict';
// Swagger UI ticks the same scopes for every flow, or none; each of these flows has its own.
const preselectedScopes = (Original, { React }) => (props) => {
  const offered = props.schema.get('allowedScopes') || props.schema.get('scopes');
  const scopes = ${JSON.stringify(scopes)}.filter((scope) => offered.has(scope));
  const getConfigs = () => ({ ...props.authSelectors.getConfigs(), scopes });
  return React.createElement(Original, { ...props, authSelectors: { ...props.authSelectors, getConfigs } });
};
// The last of the fields in the dialog takes the focus, and the first way to authorize scrolls out of sight.
const withoutFocus = (Original, { React }) => (props) =>
  React.createElement(Original, { ...props, autoFocus: false });
// All documents have the same ways to authorize; without this, choosing another one would sign out.
const keepAuthorization = { auth: { wrapActions: { restoreAuthorization: () => () => undefined } } };
const ui = SwaggerUIBundle({
  ...${options},
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  plugins: [{ wrapComponents: { oauth2: preselectedScopes, Input: withoutFocus }, statePlugins: keepAuthorization }],
  layout: 'StandaloneLayout',
});
ui.initOAuth(${oauth});
`;
}
