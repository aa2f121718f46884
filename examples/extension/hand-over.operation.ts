import { Injectable } from '@nestjs/common';
import {
  FirekeepError,
  type FhirOperation,
  type JsonObject,
  type OperationCall,
  type OperationUnit,
} from 'firekeep';

interface Encounter extends JsonObject {
  readonly status?: string;
  readonly subject?: JsonObject;
  readonly participant?: readonly JsonObject[];
}

/**
 * `Encounter/[id]/$hand-over` with the parameter `to`: the practitioner takes part in the encounter from now on, and a Task
 * says what is to be done. Both are written together or not at all, with the rights of the caller.
 */
@Injectable()
export class HandOverOperation implements FhirOperation {
  readonly name = 'hand-over';
  readonly definition = 'https://clinic.example.org/OperationDefinition/hand-over';
  readonly affectsState = true;
  readonly documentation = 'Hands an encounter over to another practitioner.';
  readonly parameters = [
    { name: 'to', type: 'uri', documentation: 'Practitioner/[id] who takes over.', isRequired: true },
    { name: 'note', type: 'string', documentation: 'What is to be done.' },
  ] as const;
  readonly types = ['Encounter'];
  readonly access = { instance: ['update'] } as const;

  plan({ id = '', parameters }: OperationCall): OperationUnit {
    const to = parameters.text('to');
    const note = parameters.text('note') ?? 'Take over.';
    if (to === undefined || !/^Practitioner\/[A-Za-z0-9.-]{1,64}$/.test(to)) {
      throw refused('invalid', '"to" must be Practitioner/[id].');
    }
    return {
      targets: [{ type: 'Encounter', id }],
      decide: ({ current, now }) => {
        const encounter = current('Encounter', id) as Encounter | undefined;
        if (encounter === undefined) throw refused('not-found', `Encounter/${id} is not known.`);
        if (encounter.status === 'finished') throw refused('conflict', `Encounter/${id} is finished.`);
        const participant = {
          period: { start: new Date(now).toISOString() },
          individual: { reference: to },
        };
        return {
          writes: [
            { update: { ...encounter, participant: [...(encounter.participant ?? []), participant] } },
            { create: taskOf(encounter, id, to, note) },
          ],
          answer: ([, task]) => ({
            resourceType: 'Parameters',
            parameter: [
              { name: 'task', valueReference: { reference: `${task?.type ?? ''}/${task?.id ?? ''}` } },
            ],
          }),
        };
      },
    };
  }
}

function taskOf({ subject }: Encounter, id: string, to: string, note: string): JsonObject {
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    description: note,
    encounter: { reference: `Encounter/${id}` },
    owner: { reference: to },
    ...(subject === undefined ? {} : { for: subject }),
  };
}

function refused(category: 'invalid' | 'not-found' | 'conflict', message: string): FirekeepError {
  return new FirekeepError(category, 'CLINIC_HAND_OVER', message);
}
