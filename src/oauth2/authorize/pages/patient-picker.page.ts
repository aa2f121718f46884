import type { Choices, PatientCriteria, PatientDetails } from '../../launch/launch-directory.js';
import { markup, type Markup } from './markup.js';
import type { Page } from './page.js';

export interface PatientPickerView {
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

const texts = {
  title: 'Choose a patient',
  problemTitle: 'Error: Choose a patient',
  problem: 'There is a problem',
  intro: (client: string) => markup`<strong>${client}</strong> works with one patient at a time.`,
  name: 'Name',
  nameHint: 'Beginnings of first or last names.',
  birthDate: 'Date of birth',
  birthDateHint: 'Year-month-day, or the year alone: 1974-12-25, 1974.',
  identifier: 'Identifier',
  identifierHint: 'For example a record number.',
  hint: 'Leave all fields empty to see everyone you may see.',
  search: 'Search',
  cancel: 'Cancel',
  results: 'Patients found',
  none: 'No patient that you may see matches. Try less, or another spelling.',
  born: (date: string) => `born ${date}`,
  unborn: 'date of birth not known',
  more: 'Next page',
  problems: {
    birthDate: markup`<a href="#birth-date">Give the date of birth as 1974-12-25, 1974-12 or 1974.</a>`,
    gone: markup`<a href="#name">This patient is not among those that you may see. Search again.</a>`,
  },
};

/** Lets the user search among the patients that they may see, and pick one. */
export function patientPickerPage(view: PatientPickerView): Page {
  const { problem, criteria, found, action, csrf } = view;
  const hidden = markup`<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="step" value="launch">`;
  return {
    title: problem === undefined ? texts.title : texts.problemTitle,
    formTargets: view.formTargets,
    body: markup`${problem === undefined ? undefined : summary(problem)}
<h1>${texts.title}</h1>
<p>${texts.intro(view.clientName)}</p>
<form method="post" action="${action}" novalidate autocomplete="off">
${hidden}
<label for="name">${texts.name}</label>
<input id="name" name="name" type="text" value="${criteria.name ?? ''}" maxlength="100" spellcheck="false" aria-describedby="name-hint"${found === undefined ? autofocus : undefined}>
<p class="hint" id="name-hint">${texts.nameHint}</p>
<label for="birth-date">${texts.birthDate}</label>
<input id="birth-date" name="birthDate" type="text" value="${criteria.birthDate ?? ''}" maxlength="10" inputmode="numeric" aria-describedby="birth-date-hint${problem === 'birthDate' ? ' problem' : ''}"${problem === 'birthDate' ? invalid : undefined}>
<p class="hint" id="birth-date-hint">${texts.birthDateHint}</p>
<label for="identifier">${texts.identifier}</label>
<input id="identifier" name="identifier" type="text" value="${criteria.identifier ?? ''}" maxlength="200" spellcheck="false" autocapitalize="none" aria-describedby="identifier-hint">
<p class="hint" id="identifier-hint">${texts.identifierHint}</p>
<p class="soft">${texts.hint}</p>
<div class="actions">
<button class="main" type="submit" name="decision" value="search">${texts.search}</button>
<button type="submit" name="decision" value="cancel" formnovalidate>${texts.cancel}</button>
</div>
</form>
${found === undefined ? undefined : results(found, criteria, action, hidden)}`,
  };
}

const autofocus = markup` autofocus`;
const invalid = markup` aria-invalid="true"`;

function summary(problem: PatientPickerProblem): Markup {
  return markup`<div class="summary" role="alert">
<h2>${texts.problem}</h2>
<p id="problem">${texts.problems[problem]}</p>
</div>`;
}

function results(
  { items, next }: Choices<PatientDetails>,
  criteria: PatientCriteria,
  action: string,
  hidden: Markup,
): Markup {
  if (items.length === 0)
    return markup`<h2 id="results">${texts.results}</h2>
<p role="status">${texts.none}</p>`;
  return markup`<h2 id="results">${texts.results}</h2>
<form method="post" action="${action}">
${hidden}
<input type="hidden" name="name" value="${criteria.name ?? ''}">
<input type="hidden" name="birthDate" value="${criteria.birthDate ?? ''}">
<input type="hidden" name="identifier" value="${criteria.identifier ?? ''}">
<ul class="choices" aria-labelledby="results">${items.map(choice)}</ul>
${next === undefined ? undefined : markup`<div class="actions"><button type="submit" name="page" value="${next}">${texts.more}</button></div>`}
</form>`;
}

function choice(patient: PatientDetails, index: number): Markup {
  const { id, identifiers } = patient;
  return markup`<li><button type="submit" name="patient" value="${id}"${index === 0 ? autofocus : undefined}><strong>${patient.name}</strong><span>${describePatient(patient)}</span>${identifiers.length === 0 ? undefined : markup`<span>${identifiers.join(', ')}</span>`}</button></li>`;
}

/** `born 1974-12-25, male` */
export function describePatient({ birthDate, gender }: PatientDetails): string {
  const born = birthDate === undefined ? texts.unborn : texts.born(birthDate);
  return gender === undefined ? born : `${born}, ${gender}`;
}
