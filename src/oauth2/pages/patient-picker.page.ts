import type { Choices, PatientCriteria, PatientDetails } from '../launch/launch-directory.js';
import { markup, type Markup } from '../texts/markup.js';
import type { Page } from './page.js';
import type { Texts } from '../texts/texts.js';

export interface PatientPickerView {
  readonly texts: Texts;
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly criteria: PatientCriteria;
  /** Undefined: nothing was searched for yet. */
  readonly found?: Choices<PatientDetails>;
  /** Why the last form was not taken. */
  readonly problem?: PatientPickerProblem;
  readonly formTargets: readonly unknown[];
}

export type PatientPickerProblem = 'birthDate' | 'gone';

/** Lets the user search among the patients that they may see, and pick one. */
export function patientPickerPage(view: PatientPickerView): Page {
  const { texts, problem, criteria, found, action, csrf } = view;
  const title = texts.plain('patient.title');
  const hidden = markup`<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="step" value="launch">`;
  return {
    texts,
    title: problem === undefined ? title : texts.plain('problem.prefix', { title }),
    formTargets: view.formTargets,
    body: markup`${problem === undefined ? undefined : summary(problem, texts)}
<h1>${title}</h1>
<p>${texts.say('patient.intro', { client: markup`<strong>${view.clientName}</strong>` })}</p>
<form method="post" action="${action}" novalidate autocomplete="off">
${hidden}
<label for="name">${texts.say('patient.name')}</label>
<input id="name" name="name" type="text" value="${criteria.name ?? ''}" maxlength="100" spellcheck="false" aria-describedby="name-hint"${found === undefined ? autofocus : undefined}>
<p class="hint" id="name-hint">${texts.say('patient.name.hint')}</p>
<label for="birth-date">${texts.say('patient.birthDate')}</label>
<input id="birth-date" name="birthDate" type="text" value="${criteria.birthDate ?? ''}" maxlength="10" inputmode="numeric" aria-describedby="birth-date-hint${problem === 'birthDate' ? ' problem' : ''}"${problem === 'birthDate' ? invalid : undefined}>
<p class="hint" id="birth-date-hint">${texts.say('patient.birthDate.hint')}</p>
<label for="identifier">${texts.say('patient.identifier')}</label>
<input id="identifier" name="identifier" type="text" value="${criteria.identifier ?? ''}" maxlength="200" spellcheck="false" autocapitalize="none" aria-describedby="identifier-hint">
<p class="hint" id="identifier-hint">${texts.say('patient.identifier.hint')}</p>
<p class="soft">${texts.say('patient.hint')}</p>
<div class="actions">
<button class="main" type="submit" name="decision" value="search">${texts.say('patient.search')}</button>
<button type="submit" name="decision" value="cancel" formnovalidate>${texts.say('cancel')}</button>
</div>
</form>
${found === undefined ? undefined : results(view, found, hidden)}`,
  };
}

const autofocus = markup` autofocus`;
const invalid = markup` aria-invalid="true"`;

function summary(problem: PatientPickerProblem, texts: Texts): Markup {
  const field = problem === 'gone' ? 'name' : 'birth-date';
  return markup`<div class="summary" role="alert">
<h2>${texts.say('problem.heading')}</h2>
<p id="problem"><a href="#${field}">${texts.say(`patient.problem.${problem}`)}</a></p>
</div>`;
}

function results(
  { texts, criteria, action }: PatientPickerView,
  { items, next }: Choices<PatientDetails>,
  hidden: Markup,
): Markup {
  if (items.length === 0)
    return markup`<h2 id="results">${texts.say('patient.results')}</h2>
<p role="status">${texts.say('patient.none')}</p>`;
  return markup`<h2 id="results">${texts.say('patient.results')}</h2>
<form method="post" action="${action}">
${hidden}
<input type="hidden" name="name" value="${criteria.name ?? ''}">
<input type="hidden" name="birthDate" value="${criteria.birthDate ?? ''}">
<input type="hidden" name="identifier" value="${criteria.identifier ?? ''}">
<ul class="choices" aria-labelledby="results">${items.map((patient, index) => choice(patient, index, texts))}</ul>
${next === undefined ? undefined : markup`<div class="actions"><button type="submit" name="page" value="${next}">${texts.say('page.more')}</button></div>`}
</form>`;
}

function choice(patient: PatientDetails, index: number, texts: Texts): Markup {
  const { id, identifiers } = patient;
  return markup`<li><button type="submit" name="patient" value="${id}"${index === 0 ? autofocus : undefined}><strong>${patient.name}</strong><span>${describePatient(patient, texts)}</span>${identifiers.length === 0 ? undefined : markup`<span>${identifiers.join(', ')}</span>`}</button></li>`;
}

/** `born 1974-12-25, male` */
export function describePatient({ birthDate, gender }: PatientDetails, texts: Texts): string {
  const born =
    birthDate === undefined
      ? texts.plain('patient.unborn')
      : texts.plain('patient.born', { date: birthDate });
  return gender === undefined ? born : `${born}, ${texts.nameOf('gender', gender)}`;
}
