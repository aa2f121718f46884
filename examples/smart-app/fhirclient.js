import { nameOf, offerToStart, showChart, showProblem } from './chart.js';
import { clientId, servers } from './configuration.js';
import { discover } from './smart.js';

// Without it a public client does not say who it is when it renews its tokens (RFC 6749 section 6).
FHIR.oauth2.settings.refreshTokenWithClientId = true;

const redirectUri = new URL('fhirclient.html', location.href).href;
const scope = 'openid fhirUser launch/patient online_access patient/*.rs';
const start = (iss) => FHIR.oauth2.authorize({ iss, clientId, scope, redirectUri, pkceMode: 'required' });
const answer = new URLSearchParams(location.search);

try {
  if (answer.has('state') || sessionStorage.getItem('SMART_KEY') !== null) {
    if (answer.has('iss')) await checkIssuer(answer);
    const client = await FHIR.oauth2.ready();
    history.replaceState(null, '', redirectUri);
    await show(client);
    offerToReadAgain(client);
  } else offerToStart(servers, start);
} catch (error) {
  showProblem(error);
  offerToStart(servers, start);
}

/** RFC 9207: the answer must come from whom it was asked of. The library does not look. */
async function checkIssuer(answer) {
  const pending = JSON.parse(sessionStorage.getItem(answer.get('state')) ?? 'null');
  if (pending === null) return;
  const { issuer } = await discover(pending.serverUrl);
  if (answer.get('iss') !== issuer) throw new Error('This answer is from another server.');
}

async function show(client) {
  const [patient, observations, user] = await Promise.all([
    client.patient.read(),
    client.request('Observation?_count=50'),
    client.user.read().then(nameOf, () => client.getIdToken()?.sub),
  ]);
  showChart({ tokens: client.getState('tokenResponse'), patient, observations, user });
}

/** The library renews the access token by itself when it is about to end. */
function offerToReadAgain(client) {
  const button = document.querySelector('#again');
  button.addEventListener('click', () => {
    show(client).catch(showProblem);
  });
  button.hidden = false;
}
