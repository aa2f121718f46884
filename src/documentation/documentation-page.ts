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
<link rel="icon" type="image/png" href="${root}favicon-32x32.png">
<link rel="stylesheet" href="${root}swagger-ui.css">
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

interface UiOptions {
  readonly clientId: string;
  readonly redirectUrl: string;
  readonly documents: readonly { readonly name: string; readonly url: string }[];
}

/** The script that starts Swagger UI: all documents, and "Authorize" as the built-in public client with PKCE. */
export function documentationScript({ clientId, redirectUrl, documents }: UiOptions): string {
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
  const oauth = JSON.stringify({ clientId, usePkceWithAuthorizationCodeGrant: true });
  return `'use strict';
const ui = SwaggerUIBundle({
  ...${options},
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
});
ui.initOAuth(${oauth});
`;
}
