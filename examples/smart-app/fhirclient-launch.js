import { showProblem } from './chart.js';
import { clientId, servers } from './configuration.js';

// The library lets the address overrule what it is given: only what an EHR sends may be in it.
const known = ['iss', 'launch'];

try {
  const parameters = new URLSearchParams(location.search);
  if (!parameters.get('launch')) throw new Error('The launch is missing.');
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw new Error(`The launch has ${name}, which no EHR sends.`);
  }
  // Whoever makes up an address must not lead users to a server of their own.
  if (!servers.includes(parameters.get('iss'))) {
    throw new Error('This app does not know the server that launched it.');
  }
  await FHIR.oauth2.authorize({
    clientId,
    scope: 'openid fhirUser launch online_access patient/*.rs',
    redirectUri: new URL('fhirclient.html', location.href).href,
    pkceMode: 'required',
  });
} catch (error) {
  showProblem(error);
}
