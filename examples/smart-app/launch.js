import { showProblem } from './chart.js';
import { clientId, redirectUri, scopes, servers } from './configuration.js';
import { authorize } from './smart.js';

/** An EHR opens launch.html with `iss` and `launch`. */
const parameters = new URLSearchParams(location.search);
const iss = parameters.get('iss');
const launch = parameters.get('launch');

try {
  // Whoever makes up an address must not lead users to a server of their own.
  if (!servers.includes(iss)) throw new Error('This app does not know the server that launched it.');
  if (!launch) throw new Error('The launch is missing.');
  await authorize({ iss, launch, clientId, scope: scopes.ehr, redirectUri });
} catch (error) {
  showProblem(error);
}
