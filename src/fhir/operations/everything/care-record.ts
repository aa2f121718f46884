import { compartmentSelf, type Definitions } from '../../definitions/index.js';
import { membershipOf } from '../../search/compartment-membership.js';
import type { MembersOfType } from '../../search/query.js';
import type { StoredResource } from '../../storage/ports.js';
import type { ReferredResource } from '../referred-resources.js';

/** What belongs to the record of a patient or of an encounter. */
export interface CareRecord {
  /** Whose record it is. */
  readonly owner: StoredResource;
  /** Types of its compartment, each with the parameters that put a resource into it. */
  readonly members: readonly Omit<MembersOfType, 'filter'>[];
  /** Whether a member stays in: one that names other patients may not. */
  keeps(member: StoredResource, referred: readonly ReferredResource[]): boolean;
  /** Whether what a member refers to comes along. */
  brings(from: StoredResource, referred: ReferredResource): boolean;
  /** The patient whom it is about; undefined: none is named. */
  readonly patient: string | undefined;
}

/** Types outside of the compartment of patients that are about one all the same. */
const personal: ReadonlySet<string> = new Set([
  ...['Bundle', 'Contract', 'EnrollmentResponse', 'GuidanceResponse', 'Linkage', 'Parameters', 'Task'],
  ...['PaymentNotice', 'PaymentReconciliation', 'VerificationResult'],
]);

/**
 * What resources of any record may bring along: who, where and with what. Nothing in the compartment of patients, since
 * that would be a third person's unless it is found there anyway.
 */
function isSupporting(definitions: Definitions, type: string): boolean {
  return definitions.compartments.get('Patient')?.has(type) !== true && !personal.has(type);
}

/** The Patient, the compartment of patients, and what these refer to. */
export function patientRecord(owner: StoredResource, definitions: Definitions): CareRecord {
  return {
    owner,
    patient: owner.id,
    // Patients who link to this one are other people, or other records of this one.
    members: membersOf(owner, definitions).filter(({ type }) => type !== 'Patient'),
    keeps: ({ type }, referred) =>
      (type !== 'Group' && type !== 'List') ||
      referred.every((one) => one.type !== 'Patient' || one.id === owner.id),
    brings: (_from, { type }) => isSupporting(definitions, type),
  };
}

/** The Encounter with all that it refers to, its compartment, and what these refer to. */
export function encounterRecord(owner: StoredResource, definitions: Definitions): CareRecord {
  const patient = subjectOf(owner);
  return {
    owner,
    patient,
    members: membersOf(owner, definitions).filter(({ type }) => type !== 'Encounter'),
    keeps: () => true,
    brings: (from, { type, id }) => {
      if (isSupporting(definitions, type)) return true;
      if (from !== owner || personal.has(type)) return false;
      return type === 'Patient' ? id === patient : type !== 'Group' && type !== 'Encounter';
    },
  };
}

function membersOf(
  { type: ownerType, id }: StoredResource,
  definitions: Definitions,
): readonly Omit<MembersOfType, 'filter'>[] {
  const compartment = definitions.compartments.get(ownerType) ?? new Map<string, readonly string[]>();
  return [...compartment].flatMap(([type, all]) => {
    const codes = all.filter((code) => code !== compartmentSelf);
    const membership = membershipOf(definitions, { type: ownerType, id }, [type]);
    return codes.length === 0 || membership === undefined ? [] : [{ type, codes, membership }];
  });
}

function subjectOf({ content }: StoredResource): string | undefined {
  const { subject } = JSON.parse(content.toString('utf8')) as {
    readonly subject?: { readonly reference?: unknown };
  };
  const { reference } = subject ?? {};
  return /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]*)?$/.exec(
    typeof reference === 'string' ? reference : '',
  )?.[1];
}
