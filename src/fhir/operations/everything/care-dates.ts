import type { SearchExpression, SimpleTest } from '../../search/query.js';

type DateTest = SimpleTest & { readonly type: 'date' };

/**
 * The dates of care by which `start` and `end` choose, as codes of search parameters: when something was done or
 * observed, ordered or said. Types that are not here have none, or are about who someone is, and stay in.
 */
export const careDates: Readonly<Record<string, readonly string[]>> = {
  AdverseEvent: ['date'],
  AllergyIntolerance: ['date', 'onset', 'last-date'],
  Appointment: ['date'],
  CarePlan: ['date'],
  CareTeam: ['date'],
  ChargeItem: ['occurrence', 'entered-date'],
  Claim: ['created'],
  ClaimResponse: ['created'],
  ClinicalImpression: ['date'],
  Communication: ['sent', 'received'],
  CommunicationRequest: ['authored', 'occurrence'],
  Composition: ['date', 'period'],
  Condition: ['onset-date', 'abatement-date', 'recorded-date'],
  Consent: ['date', 'period'],
  CoverageEligibilityRequest: ['created'],
  CoverageEligibilityResponse: ['created'],
  DetectedIssue: ['identified'],
  DeviceRequest: ['authored-on', 'event-date'],
  DiagnosticReport: ['date', 'issued'],
  DocumentManifest: ['created'],
  DocumentReference: ['date', 'period'],
  Encounter: ['date'],
  EpisodeOfCare: ['date'],
  ExplanationOfBenefit: ['created'],
  FamilyMemberHistory: ['date'],
  Flag: ['date'],
  ImagingStudy: ['started'],
  Immunization: ['date'],
  ImmunizationEvaluation: ['date'],
  ImmunizationRecommendation: ['date'],
  Invoice: ['date'],
  List: ['date'],
  MeasureReport: ['date', 'period'],
  Media: ['created'],
  MedicationAdministration: ['effective-time'],
  MedicationDispense: ['whenhandedover', 'whenprepared'],
  MedicationRequest: ['authoredon', 'date'],
  MedicationStatement: ['effective'],
  NutritionOrder: ['datetime'],
  Observation: ['date'],
  Procedure: ['date'],
  QuestionnaireResponse: ['authored'],
  RequestGroup: ['authored'],
  ResearchSubject: ['date'],
  RiskAssessment: ['date'],
  ServiceRequest: ['authored', 'occurrence'],
  Specimen: ['collected'],
  SupplyRequest: ['date'],
  VisionPrescription: ['datewritten'],
};

/**
 * What a resource of the type must fulfil to be care between these dates: one of its dates overlaps them, or it has
 * none, since what isn't known to lie elsewhere is no reason to leave something out of a record.
 *
 * @param span `ge` the start, `le` the end, or one of them
 */
export function withinSpan(type: string, span: readonly DateTest[]): readonly SearchExpression[] {
  const codes = careDates[type];
  if (codes === undefined || span.length === 0) return [];
  const overlapping = codes.map((code): SearchExpression => ({
    kind: 'and',
    operands: span.map((test) => ({ kind: 'parameter', code, type: 'date', anyOf: [test] })),
  }));
  const undated: SearchExpression = {
    kind: 'not',
    operand: { kind: 'or', operands: codes.map((code) => ({ kind: 'present', code, type: 'date' })) },
  };
  return [{ kind: 'or', operands: [...overlapping, undated] }];
}
