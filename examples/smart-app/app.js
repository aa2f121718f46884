import { clientId, redirectUri, scopes, servers } from './configuration.js';
import { authorize, claimsOf, complete } from './smart.js';

const status = document.querySelector('#status');
const answer = new URLSearchParams(location.search);

try {
  if (answer.has('state')) await show(answer);
  else offerToStart();
} catch (error) {
  status.textContent = error.message;
  offerToStart();
}

function offerToStart() {
  const form = document.querySelector('#start');
  const select = document.querySelector('#server');
  select.replaceChildren(...servers.map((server) => new Option(server, server)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    authorize({ iss: select.value, clientId, scope: scopes.standalone, redirectUri }).catch((error) => {
      status.textContent = error.message;
    });
  });
  form.hidden = false;
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
  // An EHR that shows the patient around the app says that no banner is needed.
  document.querySelector('#patient').textContent =
    tokens.need_patient_banner === false ? 'Observations' : `${nameOf(patient)}, born ${patient.birthDate}`;
  const context = { User: user, Encounter: tokens.encounter, Intent: tokens.intent, Scope: tokens.scope };
  document.querySelector('#context').replaceChildren(
    ...Object.entries(context)
      .filter(([, value]) => value !== undefined)
      .flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  );
  document
    .querySelector('#observations')
    .replaceChildren(...(observations.entry ?? []).map(({ resource }) => row(resource)));
  document.querySelector('#chart').hidden = false;
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

function row({ code, effectiveDateTime = '', valueQuantity }) {
  const value = valueQuantity === undefined ? '' : `${valueQuantity.value} ${valueQuantity.unit ?? ''}`;
  const tr = document.createElement('tr');
  tr.append(
    element('td', code?.text ?? code?.coding?.[0]?.display ?? ''),
    element('td', effectiveDateTime),
    element('td', value),
  );
  return tr;
}

function nameOf({ id, name: [{ text, given = [], family = '' } = {}] = [] }) {
  return text ?? ([...given, family].join(' ').trim() || id);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
