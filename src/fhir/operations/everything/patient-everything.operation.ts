import { Injectable } from '@nestjs/common';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { patientRecord } from './care-record.js';
import { careDateParameters, commonParameters } from './everything-parameters.js';
import { RecordAnswer } from './record-answer.js';

/**
 * Answers the record of a patient: the Patient, the resources of its compartment, and what these refer to.
 *
 * @see https://hl7.org/fhir/R4/patient-operation-everything.html
 */
@Injectable()
export class PatientEverythingOperation implements FhirOperation {
  readonly name = 'everything';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Patient-everything';
  readonly documentation =
    'The Patient, the resources of its compartment, and the practitioners, organizations, places, medications and the like that these refer to.';
  readonly affectsState = false;
  readonly narrows = 'search-type';
  readonly tellsLeftOut = true;
  readonly returns = 'Bundle';
  readonly types = ['Patient'];
  readonly parameters = [...careDateParameters, ...commonParameters];
  readonly access = { instance: ['read'] } as const;

  constructor(private readonly records: RecordAnswer) {}

  async execute(call: OperationCall): Promise<InteractionResult> {
    return Promise.resolve(this.records.of(call, patientRecord));
  }
}
