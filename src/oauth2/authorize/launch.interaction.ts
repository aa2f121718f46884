import { Inject, Injectable } from '@nestjs/common';
import { contextDetails, type ContextDetails } from '../launch/context-details.js';
import {
  LAUNCH_DIRECTORY,
  type LaunchDirectory,
  type LaunchUser,
  type PatientCriteria,
} from '../launch/launch-directory.js';
import { resourceId, type LaunchContext } from '../launch/launch-context.js';
import { LaunchesService } from '../launch/launches.service.js';
import { nextLaunchStep, settle, type LaunchProgress } from '../launch/launch-steps.js';
import type { PendingInteraction } from '../provider/provider.host.js';
import { encounterPickerPage } from '../pages/encounter-picker.page.js';
import { launchRefusedPage, type LaunchRefusal } from '../pages/launch-refused.page.js';
import type { Page } from '../pages/page.js';
import type { Texts } from '../texts/texts.js';
import { patientPickerPage, type PatientPickerProblem } from '../pages/patient-picker.page.js';

/** What the pages of one interaction have in common. */
export interface PageFrame {
  readonly texts: Texts;
  readonly action: string;
  readonly csrf: string;
  readonly clientName: string;
  readonly signOut: string;
  readonly formTargets: readonly unknown[];
}

/** Either the next page, or what was found out. */
export type LaunchAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly page: Page; readonly refusal?: LaunchRefusal }
  | { readonly kind: 'progress'; readonly progress: LaunchProgress };

const longestPage = 4096;
const date = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/;

/** Finds out the launch context of an authorization request: from the launch handle, or by asking the user. */
@Injectable()
export class LaunchInteraction {
  constructor(
    @Inject(LAUNCH_DIRECTORY) private readonly directory: LaunchDirectory,
    private readonly launches: LaunchesService,
  ) {}

  /** What comes first, before the user has said anything. */
  async begin(interaction: PendingInteraction, frame: PageFrame): Promise<LaunchAnswer> {
    switch (nextLaunchStep(interaction, interaction.progress)) {
      case 'handle':
        return this.redeem(interaction, frame);
      case 'patient':
        return this.beginPatient(interaction, frame);
      case 'encounter':
        return this.encounters(interaction, frame);
      default:
        return { kind: 'progress', progress: interaction.progress };
    }
  }

  /** Takes the form of a page. */
  async answer(
    interaction: PendingInteraction,
    form: URLSearchParams,
    frame: PageFrame,
  ): Promise<LaunchAnswer> {
    switch (nextLaunchStep(interaction, interaction.progress)) {
      case 'patient':
        return this.answerPatient(interaction, form, frame);
      case 'encounter':
        return this.answerEncounter(interaction, form, frame);
      default:
        return this.begin(interaction, frame);
    }
  }

  /** Of the context that is known. */
  describe(interaction: PendingInteraction): Promise<ContextDetails> {
    return contextDetails(this.directory, userOf(interaction), interaction.progress.context);
  }

  private async redeem(interaction: PendingInteraction, frame: PageFrame): Promise<LaunchAnswer> {
    const outcome = await this.launches.redeem(interaction.launch ?? '', userOf(interaction));
    if (!outcome.ok) return refused(interaction, frame, outcome.problem);
    const problem = await this.outOfReach(interaction, outcome.context);
    return problem === undefined
      ? settled(interaction, 'handle', outcome.context)
      : refused(interaction, frame, problem);
  }

  /** Whoever made the launch may have seen more than this user does. */
  private async outOfReach(
    interaction: PendingInteraction,
    { patient, encounter }: LaunchContext,
  ): Promise<LaunchRefusal | undefined> {
    if (patient === undefined) return undefined;
    const user = userOf(interaction);
    const choice = await this.directory.choiceOf(user);
    if (choice.kind === 'elsewhere') return undefined;
    if (choice.kind === 'denied' || (choice.kind === 'own' && choice.patient !== patient)) return 'patient';
    const isKnown = (await this.directory.patient(user, patient)) !== undefined;
    if (!isKnown) return choice.kind === 'own' ? undefined : 'patient';
    if (encounter === undefined) return undefined;
    const found = await this.directory.encounter(user, patient, encounter);
    return found === undefined ? 'encounter' : undefined;
  }

  private async beginPatient(interaction: PendingInteraction, frame: PageFrame): Promise<LaunchAnswer> {
    const choice = await this.directory.choiceOf(userOf(interaction));
    switch (choice.kind) {
      case 'own':
        return settled(interaction, 'patient', { patient: choice.patient });
      case 'elsewhere':
        return settled(interaction, 'patient');
      case 'denied':
        return refused(interaction, frame, 'no-patient');
      case 'search':
        return shown(200, patientPickerPage({ ...frame, criteria: {} }));
    }
  }

  private async answerPatient(
    interaction: PendingInteraction,
    form: URLSearchParams,
    frame: PageFrame,
  ): Promise<LaunchAnswer> {
    const user = userOf(interaction);
    // A form changes nothing about who has a choice.
    if ((await this.directory.choiceOf(user)).kind !== 'search') return this.beginPatient(interaction, frame);
    const criteria = criteriaOf(form);
    const again = (problem: PatientPickerProblem): LaunchAnswer =>
      shown(400, patientPickerPage({ ...frame, criteria, problem }));
    const chosen = form.get('patient');
    if (chosen !== null) {
      const patient = resourceId.test(chosen) ? await this.directory.patient(user, chosen) : undefined;
      return patient === undefined ? again('gone') : settled(interaction, 'patient', { patient: patient.id });
    }
    if (criteria.birthDate !== '' && !date.test(criteria.birthDate)) return again('birthDate');
    const found = await this.directory.findPatients(user, criteria, pageOf(form));
    return shown(200, patientPickerPage({ ...frame, criteria, found }));
  }

  private async encounters(
    interaction: PendingInteraction,
    frame: PageFrame,
    { page, gone = false }: { readonly page?: string; readonly gone?: boolean } = {},
  ): Promise<LaunchAnswer> {
    const user = userOf(interaction);
    const { patient: id } = interaction.progress.context;
    const patient = id === undefined ? undefined : await this.directory.patient(user, id);
    if (patient === undefined) return settled(interaction, 'encounter');
    const found = await this.directory.findEncounters(user, patient.id, page);
    return shown(gone ? 400 : 200, encounterPickerPage({ ...frame, patient, found, gone }));
  }

  private async answerEncounter(
    interaction: PendingInteraction,
    form: URLSearchParams,
    frame: PageFrame,
  ): Promise<LaunchAnswer> {
    if (form.get('decision') === 'without') return settled(interaction, 'encounter');
    const { patient } = interaction.progress.context;
    const chosen = form.get('encounter');
    if (chosen === null || patient === undefined) {
      const page = pageOf(form);
      return this.encounters(interaction, frame, page === undefined ? {} : { page });
    }
    const encounter = resourceId.test(chosen)
      ? await this.directory.encounter(userOf(interaction), patient, chosen)
      : undefined;
    return encounter === undefined
      ? this.encounters(interaction, frame, { gone: true })
      : settled(interaction, 'encounter', { encounter: encounter.id });
  }
}

function userOf({ username = '', client, resource = '' }: PendingInteraction): LaunchUser {
  return { username, clientId: client.clientId, audience: resource };
}

function settled(
  { progress }: PendingInteraction,
  step: 'handle' | 'patient' | 'encounter',
  found: LaunchContext = {},
): LaunchAnswer {
  return { kind: 'progress', progress: settle(progress, step, found) };
}

function shown(status: number, page: Page): LaunchAnswer {
  return { kind: 'page', status, page };
}

function refused(
  { username = '' }: PendingInteraction,
  frame: PageFrame,
  reason: LaunchRefusal,
): LaunchAnswer {
  const page = launchRefusedPage({ ...frame, username, reason });
  return { kind: 'page', status: 403, page, refusal: reason };
}

function criteriaOf(form: URLSearchParams): Required<PatientCriteria> {
  const field = (name: string, longest: number): string => (form.get(name) ?? '').trim().slice(0, longest);
  return {
    name: field('name', 100),
    birthDate: field('birthDate', 10),
    identifier: field('identifier', 200),
  };
}

function pageOf(form: URLSearchParams): string | undefined {
  const page = form.get('page');
  return page === null || page.length > longestPage ? undefined : page;
}
