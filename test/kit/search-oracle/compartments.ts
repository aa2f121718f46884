import { elementsOf } from './elements.js';
import { publishedParameter } from './published.js';
import { pointersOf } from './references.js';
import type { World, WorldResource } from './world.js';

export interface Compartment {
  readonly type: string;
  readonly id: string;
}

/**
 * Parameters that put a resource into a compartment, for the types of the worlds; `{def}`: the resource itself.
 * Written down from FHIR R4 compartmentdefinition-patient.html, -practitioner.html and -encounter.html.
 */
export const memberships: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Patient: {
    Condition: ['patient', 'asserter'],
    Encounter: ['patient'],
    Group: ['member'],
    List: ['subject', 'source'],
    MedicationRequest: ['subject'],
    Observation: ['subject', 'performer'],
    Patient: ['{def}', 'link'],
    QuestionnaireResponse: ['subject', 'author'],
    RiskAssessment: ['subject'],
  },
  Practitioner: {
    Condition: ['asserter'],
    Encounter: ['practitioner', 'participant'],
    Group: ['member'],
    List: ['source'],
    MedicationRequest: ['requester'],
    Observation: ['performer'],
    Patient: ['general-practitioner'],
    Practitioner: ['{def}'],
    QuestionnaireResponse: ['author', 'source'],
    RiskAssessment: ['performer'],
  },
  Encounter: {
    Condition: ['encounter'],
    Encounter: ['{def}'],
    MedicationRequest: ['encounter'],
    Observation: ['encounter'],
    QuestionnaireResponse: ['encounter'],
  },
};

export function isMember(world: World, resource: WorldResource, { type, id }: Compartment): boolean {
  return (memberships[type]?.[resource.type] ?? []).some((code) => {
    if (code === '{def}') return resource.id === id;
    const parameter = publishedParameter(resource.type, code);
    if (parameter === undefined) throw new Error(`${resource.type} has no parameter ${code}.`);
    return elementsOf(resource, parameter)
      .flatMap((element) => pointersOf(element, world.bases))
      .some((pointer) => pointer.type === type && pointer.id === id);
  });
}
