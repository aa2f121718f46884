import { FirekeepError } from '../../platform/errors/index.js';
import type { LocalReference } from './ports.js';

/** Resources that an error names. */
export const NAMED = 5;

/** @returns the error for references that lead nowhere */
export function danglingError(dangling: readonly LocalReference[]): FirekeepError {
  const issues = dangling.slice(0, NAMED).map((reference) => ({
    message: `${reference.place()} refers to ${reference.type}/${reference.id}, which is not there.`,
    code: 'not-found',
    expression: reference.place(),
  }));
  return new FirekeepError('unprocessable', 'FHIR_DANGLING_REFERENCE', issues[0]?.message ?? '', { issues });
}

/** What is to be deleted is referred to. */
export class ReferencedResourceError extends FirekeepError {
  /**
   * @param target `Patient/17`
   * @param referrers resources that refer to it and may be named
   * @param hasOthers whether there are more
   */
  constructor(
    readonly target: string,
    readonly referrers: readonly string[],
    readonly hasOthers = referrers.length > NAMED,
  ) {
    const names = [referrers.slice(0, NAMED).join(', '), ...(hasOthers ? ['others'] : [])];
    super(
      'conflict',
      'FHIR_REFERENCED_RESOURCE',
      `${target} can't be deleted: ${names.filter((name) => name !== '').join(' and ')} refer to it. Delete or change these before, or in the same transaction.`,
    );
  }
}
