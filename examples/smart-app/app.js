import { nameOf, offerToStart, showChart, showProblem } from './chart.js';
import { clientId, redirectUri, scopes, servers } from './configuration.js';
import { authorize, claimsOf, complete } from './smart.js';

const answer = new URLSearchParams(location.search);
const start = (iss) => authorize({ iss, clientId, scope: scopes.standalone, redirectUri });

try {
  if (answer.has('state')) await show(answer);
  else offerToStart(servers, start);
} catch (error) {
  showProblem(error);
  offerToStart(servers, start);
}

async function show(answer) {
  // The code is of no use to whoever reads the address later.
  history.replaceState(null, '', redirectUri);
  const { iss, tokens } = await complete({ answer, clientId, redirectUri });
  const read = (address) => readJson(address, tokens.access_token);
  const [patient, observations, user] = await Promise.all([
    read(`${iss}/Patient/${tokens.patient}`),
    read(`${iss}/Observation?_count=50`),
    userOf(tokens, read),
  ]);
  showChart({ tokens, patient, observations, user });
}

/** A name to show; not every user has a record, and not every record is there. */
async function userOf({ id_token: idToken }, read) {
  const { sub, fhirUser } = claimsOf(idToken);
  return fhirUser === undefined ? sub : read(fhirUser).then(nameOf, () => sub);
}

async function readJson(address, token) {
  const answer = await fetch(address, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/fhir+json' },
  });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}
