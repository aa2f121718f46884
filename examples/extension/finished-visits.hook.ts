import { Injectable } from '@nestjs/common';
import { ExtensionSettings, type CommittedWrite, type HookSet } from 'firekeep';
import { clinic } from './clinic.extension.js';
import { VisitsService } from './visits.service.js';

interface Encounter {
  readonly status?: string;
  readonly subject?: { readonly reference?: string };
  readonly period?: { readonly end?: string };
}

/** Keeps an Encounter that is over as a visit, behind the commit that stored it. */
@Injectable()
export class FinishedVisits implements HookSet {
  readonly name = 'FinishedVisits';
  readonly resourceTypes = ['Encounter'];
  private readonly ward: string;

  constructor(
    private readonly visits: VisitsService,
    settings: ExtensionSettings,
  ) {
    this.ward = settings.of(clinic).ward;
  }

  afterCreate(write: CommittedWrite): Promise<void> {
    return this.keep(write);
  }

  afterUpdate(write: CommittedWrite): Promise<void> {
    return this.keep(write);
  }

  private async keep({ id, resource }: CommittedWrite): Promise<void> {
    const { status, subject, period } = (resource ?? {}) as Encounter;
    const [, patient] = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(subject?.reference ?? '') ?? [];
    const endedAt = Date.parse(period?.end ?? '');
    if (status !== 'finished' || patient === undefined || Number.isNaN(endedAt)) return;
    await this.visits.keep({ encounter: id, patient, ward: this.ward, endedAt });
  }
}
