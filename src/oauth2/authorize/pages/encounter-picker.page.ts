import type { Choices, EncounterDetails, PatientDetails } from '../../launch/launch-directory.js';
import { markup, type Markup } from './markup.js';
import type { Page } from './page.js';
import { describePatient } from './patient-picker.page.js';

export interface EncounterPickerView {
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly patient: PatientDetails;
  readonly found: Choices<EncounterDetails>;
  /** The one that was chosen last is not there. */
  readonly gone: boolean;
  readonly formTargets: readonly unknown[];
}

const texts = {
  title: 'Choose an encounter',
  problemTitle: 'Error: Choose an encounter',
  problem: 'There is a problem',
  gone: 'This encounter is not one of the patient that you may see. Choose another.',
  intro: (client: string) => markup`<strong>${client}</strong> works with one visit or stay of this patient.`,
  patient: 'Patient',
  list: 'Encounters, the newest first',
  none: 'There is no encounter of this patient that you may see.',
  undated: 'no date',
  since: (start: string) => `since ${start}`,
  period: (start: string, end: string) => (start === end ? start : `${start} to ${end}`),
  more: 'Next page',
  without: 'Go on without an encounter',
  cancel: 'Cancel',
};

/** Lets the user pick one of the encounters of the patient in context. */
export function encounterPickerPage(view: EncounterPickerView): Page {
  const { patient, found, gone } = view;
  return {
    title: gone ? texts.problemTitle : texts.title,
    formTargets: view.formTargets,
    body: markup`${gone ? summary : undefined}
<h1>${texts.title}</h1>
<p>${texts.intro(view.clientName)}</p>
<dl><dt>${texts.patient}</dt><dd>${patient.name}, ${describePatient(patient)}</dd></dl>
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="launch">
${list(found)}
<div class="actions">
${found.next === undefined ? undefined : markup`<button type="submit" name="page" value="${found.next}">${texts.more}</button>`}
<button type="submit" name="decision" value="without">${texts.without}</button>
<button type="submit" name="decision" value="cancel">${texts.cancel}</button>
</div>
</form>`,
  };
}

const summary = markup`<div class="summary" role="alert">
<h2>${texts.problem}</h2>
<p>${texts.gone}</p>
</div>`;

function list({ items }: Choices<EncounterDetails>): Markup {
  if (items.length === 0) return markup`<p role="status">${texts.none}</p>`;
  return markup`<h2 id="encounters">${texts.list}</h2>
<ul class="choices" aria-labelledby="encounters">${items.map(choice)}</ul>`;
}

function choice(encounter: EncounterDetails, index: number): Markup {
  const { id, title, status, place } = encounter;
  return markup`<li><button type="submit" name="encounter" value="${id}"${index === 0 ? markup` autofocus` : undefined}><strong>${title}</strong><span>${periodOf(encounter)}, ${status}</span>${place === undefined ? undefined : markup`<span>${place}</span>`}</button></li>`;
}

/** Days, as FHIR writes them: `2026-11-02 to 2026-11-05` */
export function periodOf({ start, end }: EncounterDetails): string {
  if (start === undefined) return texts.undated;
  return end === undefined ? texts.since(day(start)) : texts.period(day(start), day(end));
}

function day(dateTime: string): string {
  return dateTime.slice(0, 10);
}
