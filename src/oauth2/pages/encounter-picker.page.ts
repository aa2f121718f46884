import type { Choices, EncounterDetails, PatientDetails } from '../launch/launch-directory.js';
import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';
import { describePatient } from './patient-picker.page.js';

export interface EncounterPickerView {
  readonly texts: Texts;
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly patient: PatientDetails;
  readonly found: Choices<EncounterDetails>;
  /** The one that was chosen last is not there. */
  readonly gone: boolean;
  readonly formTargets: readonly unknown[];
}

/** Lets the user pick one of the encounters of the patient in context. */
export function encounterPickerPage(view: EncounterPickerView): Page {
  const { texts, patient, found, gone } = view;
  const title = texts.plain('encounter.title');
  return {
    texts,
    title: gone ? texts.plain('problem.prefix', { title }) : title,
    formTargets: view.formTargets,
    body: markup`${gone ? summary(texts) : undefined}
<h1>${title}</h1>
<p>${texts.say('encounter.intro', { client: markup`<strong>${view.clientName}</strong>` })}</p>
<dl><dt>${texts.say('encounter.patient')}</dt><dd>${patient.name}, ${describePatient(patient, texts)}</dd></dl>
<form method="post" action="${view.action}">
<input type="hidden" name="csrf" value="${view.csrf}">
<input type="hidden" name="step" value="launch">
${list(found, texts)}
<div class="actions">
${found.next === undefined ? undefined : markup`<button type="submit" name="page" value="${found.next}">${texts.say('page.more')}</button>`}
<button type="submit" name="decision" value="without">${texts.say('encounter.without')}</button>
<button type="submit" name="decision" value="cancel">${texts.say('cancel')}</button>
</div>
</form>`,
  };
}

function summary(texts: Texts): Markup {
  return markup`<div class="summary" role="alert">
<h2>${texts.say('problem.heading')}</h2>
<p>${texts.say('encounter.problem.gone')}</p>
</div>`;
}

function list({ items }: Choices<EncounterDetails>, texts: Texts): Markup {
  if (items.length === 0) return markup`<p role="status">${texts.say('encounter.none')}</p>`;
  return markup`<h2 id="encounters">${texts.say('encounter.list')}</h2>
<ul class="choices" aria-labelledby="encounters">${items.map((encounter, index) => choice(encounter, index, texts))}</ul>`;
}

function choice(encounter: EncounterDetails, index: number, texts: Texts): Markup {
  const { id, title, status, place } = encounter;
  return markup`<li><button type="submit" name="encounter" value="${id}"${index === 0 ? markup` autofocus` : undefined}><strong>${title}</strong><span>${periodOf(encounter, texts)}, ${texts.nameOf('status', status)}</span>${place === undefined ? undefined : markup`<span>${place}</span>`}</button></li>`;
}

/** Days, as FHIR writes them: `2026-11-02 to 2026-11-05` */
export function periodOf({ start, end }: EncounterDetails, texts: Texts): string {
  if (start === undefined) return texts.plain('encounter.undated');
  const [first, last] = [start, end].map((time) => (time === undefined ? undefined : day(time)));
  if (last === undefined) return texts.plain('encounter.since', { start: first ?? '' });
  return first === last ? last : texts.plain('encounter.period', { start: first ?? '', end: last });
}

function day(dateTime: string): string {
  return dateTime.slice(0, 10);
}
