/** Shows what was read, with the context that the token response `tokens` told; `observations` is a Bundle. */
export function showChart({ tokens, patient, observations, user }) {
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

/** Offers the known servers; `start` gets the one that was chosen and returns a promise. */
export function offerToStart(servers, start) {
  const form = document.querySelector('#start');
  const select = document.querySelector('#server');
  select.replaceChildren(...servers.map((server) => new Option(server, server)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    start(select.value).catch(showProblem);
  });
  form.hidden = false;
}

export function showProblem(error) {
  document.querySelector('#status').textContent = error.message;
}

export function nameOf({ id, name: [{ text, given = [], family = '' } = {}] = [] }) {
  return text ?? ([...given, family].join(' ').trim() || id);
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

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
