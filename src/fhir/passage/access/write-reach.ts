import { matchesFilter, type AskOthers } from '../../search/match/resource-matcher.js';
import type { SearchExpression } from '../../search/query.js';
import type { NamedPatients, ResourceImage } from './named-patients.js';

/** Some patients, and whether what is written may name others. */
export interface PatientLimit {
  /** What a Patient must fulfil to be one of them. */
  readonly patient: SearchExpression;
  readonly namesOthers: boolean;
}

/** One of the rights by which something may be written: all of it must hold. */
export interface WriteReach {
  readonly expression: SearchExpression;
  readonly limits: readonly PatientLimit[];
  /** Nobody becomes a participant of a patient who is not one. */
  readonly keepsParticipants: boolean;
}

/** Whether a resource, as it is before or after a write, is within one right; undefined: other resources decide. */
export function isWithinReach(
  { expression, limits }: WriteReach,
  image: ResourceImage,
  named: () => NamedPatients,
  ask: AskOthers,
): boolean | undefined {
  const answers = [matchesFilter(image, [expression], ask)];
  if (answers[0] === false) return false;
  for (const limit of limits) {
    const { about, isAboutOther, all, namesUnknown } = named();
    if (isAboutOther || (namesUnknown && !limit.namesOthers)) return false;
    for (const id of limit.namesOthers ? about : all) {
      answers.push(matchesFilter({ type: 'Patient', id, lastUpdated: 0, values: [] }, [limit.patient], ask));
    }
  }
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}
