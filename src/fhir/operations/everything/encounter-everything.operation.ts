import { Injectable } from '@nestjs/common';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { encounterRecord } from './care-record.js';
import { commonParameters } from './everything-parameters.js';
import { RecordAnswer } from './record-answer.js';

/**
 * Answers the record of an encounter: the Encounter and what it refers to, the resources of its compartment, and what
 * these refer to.
 *
 * @see https://hl7.org/fhir/R4/encounter-operation-everything.html
 */
@Injectable()
export class EncounterEverythingOperation implements FhirOperation {
  readonly name = 'everything';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Encounter-everything';
  readonly documentation =
    'The Encounter with its patient, participants, places and diagnoses, the resources of its compartment, and the practitioners, organizations, places, medications and the like that these refer to.';
  readonly affectsState = false;
  readonly narrows = 'search-type';
  readonly tellsLeftOut = true;
  readonly returns = 'Bundle';
  readonly types = ['Encounter'];
  readonly parameters = commonParameters;
  readonly access = { instance: ['read'] } as const;

  constructor(private readonly records: RecordAnswer) {}

  async execute(call: OperationCall): Promise<InteractionResult> {
    return Promise.resolve(this.records.of(call, encounterRecord));
  }
}
