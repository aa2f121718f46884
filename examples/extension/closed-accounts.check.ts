import { Injectable } from '@nestjs/common';
import { ExtensionSettings, type GateCheck, type GateRefusal, type GateRequest } from 'firekeep';
import { clinic } from './clinic.extension.js';

/** Lets nobody in whom the clinic has closed its records to, whatever their scopes and roles. */
@Injectable()
export class ClosedAccountsCheck implements GateCheck {
  readonly name = 'clinic.closed-accounts';
  readonly position = 'before-scope';
  private readonly closedTo: ReadonlySet<string>;

  constructor(settings: ExtensionSettings) {
    this.closedTo = new Set(settings.of(clinic).closedTo);
  }

  check({ principal }: GateRequest): GateRefusal | undefined {
    const closed = [principal.subject, principal.clientId].find(
      (name) => name !== null && this.closedTo.has(name),
    );
    if (closed === undefined || closed === null) return undefined;
    return {
      message: 'The records of this clinic are closed to you.',
      expected: 'a user and a client that the clinic lets in',
      actual: `${closed}, whom the clinic has closed its records to`,
      remedy: 'Take the name out of FIREKEEP_X_CLINIC_CLOSED_TO, if it should be let in again.',
      setting: 'FIREKEEP_X_CLINIC_CLOSED_TO',
    };
  }
}
