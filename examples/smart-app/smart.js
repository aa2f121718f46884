/** SMART App Launch 2.2 for a public app in a browser: discovery, PKCE, authorization code. */

const storeKey = 'smart-launch';

/** What the FHIR server says of itself. */
export async function discover(iss) {
  const answer = await fetch(`${iss}/.well-known/smart-configuration`, {
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`${iss} has no SMART configuration (${answer.status}).`);
  return answer.json();
}

/** Sends the user to the authorization server; `launch` is there when an EHR started the app. */
export async function authorize({ iss, launch, clientId, scope, redirectUri }) {
  const configuration = await discover(iss);
  const verifier = randomText();
  const state = randomText();
  sessionStorage.setItem(
    storeKey,
    JSON.stringify({
      iss,
      state,
      verifier,
      issuer: configuration.issuer,
      tokenUrl: configuration.token_endpoint,
    }),
  );
  const url = new URL(configuration.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    aud: iss,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: 'S256',
    ...(launch ? { launch } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Takes the answer of the authorization server; resolves with the FHIR server and the token response. */
export async function complete({ answer, clientId, redirectUri }) {
  const pending = JSON.parse(sessionStorage.getItem(storeKey) ?? 'null');
  sessionStorage.removeItem(storeKey);
  if (pending === null || answer.get('state') !== pending.state) {
    throw new Error('This answer belongs to no request of this window.');
  }
  // RFC 9207: the answer must come from whom it was asked of.
  if (answer.get('iss') !== pending.issuer) throw new Error('This answer is from another server.');
  if (answer.has('error')) throw new Error(answer.get('error_description') ?? answer.get('error'));
  const response = await fetch(pending.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: answer.get('code'),
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: pending.verifier,
    }),
  });
  const tokens = await response.json();
  if (!response.ok) throw new Error(tokens.error_description ?? tokens.error);
  return { iss: pending.iss, tokens };
}

/** Claims of an id_token that came straight from the token endpoint, whose TLS vouches for it. */
export function claimsOf(idToken) {
  const text = atob(idToken.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0))));
}

async function challengeOf(verifier) {
  return base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
}

function randomText() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
