import { Injectable } from '@nestjs/common';
import type { Interaction } from '../../contract/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import type { FhirOperation, OperationLevel } from './fhir-operation.js';

/** Every operation of this server. Filled while the application starts. */
@Injectable()
export class FhirOperations {
  /** Operations of one name share no type: `Patient/[id]/$everything` and `Encounter/[id]/$everything` are two. */
  private readonly byName = new Map<string, readonly FhirOperation[]>();

  /** @throws FirekeepError `FHIR_OPERATION_INVALID` for a name that is taken, or without an access rule */
  add(operation: FhirOperation): void {
    const { name, access, forAdministrators = false } = operation;
    if (!/^[a-z][\w-]{0,63}$/.test(name))
      throw invalid(name, 'its name is none: a letter, then letters, digits, "-".');
    const others = this.byName.get(name) ?? [];
    if (others.some((other) => overlap(operation, other))) throw invalid(name, 'there is one of this name.');
    const rules = Object.values(access);
    if (rules.length === 0 || (!forAdministrators && rules.some(({ length }) => length === 0))) {
      throw invalid(name, 'it declares no interaction that a caller must be allowed.');
    }
    if ((operation.execute === undefined) === (operation.plan === undefined)) {
      throw invalid(name, 'it needs either execute or plan.');
    }
    if (operation.plan !== undefined && !operation.affectsState) {
      throw invalid(name, 'it has a plan to write, so that it affects the state.');
    }
    this.byName.set(name, [...others, operation]);
  }

  /** @param type of the address; of none that has it, the first of the name */
  find(name: string, type?: string): FhirOperation | undefined {
    const named = this.byName.get(name) ?? [];
    return named.find(({ types }) => type !== undefined && types?.includes(type) === true) ?? named[0];
  }

  /** All operations of a name. */
  named(name: string): readonly FhirOperation[] {
    return this.byName.get(name) ?? [];
  }

  /** In order of their names. */
  all(): readonly FhirOperation[] {
    return [...this.byName.values()].flat().sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}

/** Whether an address could mean either. */
function overlap(one: FhirOperation, other: FhirOperation): boolean {
  if (one.types === undefined || other.types === undefined) return true;
  if (one.access.system !== undefined && other.access.system !== undefined) return true;
  return one.types.some((type) => other.types?.includes(type));
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
