import { Injectable } from '@nestjs/common';
import type { Interaction } from '../../contract/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { FhirOperation, OperationLevel } from './fhir-operation.js';

/** Every operation of this server. Filled while the application starts. */
@Injectable()
export class FhirOperations {
  private readonly byName = new Map<string, FhirOperation>();

  /** @throws FirekeepError `FHIR_OPERATION_INVALID` for a name that is taken, or without an access rule */
  add(operation: FhirOperation): void {
    const { name, access, forAdministrators = false } = operation;
    if (!/^[a-z][\w-]{0,63}$/.test(name))
      throw invalid(name, 'its name is none: a letter, then letters, digits, "-".');
    if (this.byName.has(name)) throw invalid(name, 'there is one of this name.');
    const rules = Object.values(access);
    if (rules.length === 0 || (!forAdministrators && rules.some(({ length }) => length === 0))) {
      throw invalid(name, 'it declares no interaction that a caller must be allowed.');
    }
    this.byName.set(name, operation);
  }

  find(name: string): FhirOperation | undefined {
    return this.byName.get(name);
  }

  /** In order of their names. */
  all(): readonly FhirOperation[] {
    return [...this.byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}

/** The interactions that a caller must be allowed; undefined: it isn't called at this level, or on this type. */
export function accessOf(
  { access, types }: FhirOperation,
  level: OperationLevel,
  type: string | undefined,
): readonly Interaction[] | undefined {
  if (type !== undefined && types !== undefined && !types.includes(type)) return undefined;
  return access[level];
}

function invalid(name: string, what: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'FHIR_OPERATION_INVALID',
    `The operation "${name}" can't be added: ${what}`,
  );
}
