import { Injectable } from '@nestjs/common';
import {
  ExtensionDatabase,
  ExtensionSettings,
  type ExtensionTables,
  type JobRound,
  type SqlRow,
} from 'firekeep';
import { clinic } from './clinic.extension.js';

export interface Visit {
  /** Id of the Encounter. */
  readonly encounter: string;
  readonly patient: string;
  readonly ward: string;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}

/** Visits to the clinic, in a table of its own. */
@Injectable()
export class VisitsService {
  private readonly tables: ExtensionTables;
  private readonly retention: number;

  constructor(database: ExtensionDatabase, settings: ExtensionSettings) {
    this.tables = database.of(clinic);
    this.retention = settings.of(clinic).visitRetention * 1_000;
  }

  /** An Encounter that has been kept already is kept anew. */
  async keep({ encounter, patient, ward, endedAt }: Visit): Promise<void> {
    await this.tables.write((session) =>
      session.execute(
        'REPLACE INTO x_clinic_visit (encounter, patient, ward, ended_at) VALUES (?, ?, ?, ?)',
        [encounter, patient, ward, endedAt],
      ),
    );
  }

  /** The newest first, at most 100. */
  of(patient: string): Promise<Visit[]> {
    return this.tables.query<Visit & SqlRow>(
      `SELECT encounter, patient, ward, ended_at AS endedAt FROM x_clinic_visit
       WHERE patient = ? ORDER BY ended_at DESC LIMIT 100`,
      [patient],
    );
  }

  /**
   * Deletes what is older than the clinic keeps it.
   *
   * @param round of the job that does it: where another process has taken over, nothing is deleted
   * @returns how many
   */
  removeOld(now: number, round?: JobRound): Promise<number> {
    return this.tables.write(
      (session) => session.execute('DELETE FROM x_clinic_visit WHERE ended_at < ?', [now - this.retention]),
      round === undefined ? {} : { round },
    );
  }
}
