import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { type Definitions, FHIR_DEFINITIONS } from '../definitions/index.js';
import type { ParsedResource } from '../format/parsed-resource.js';
import type { OutcomeIssue } from '../outcome/operation-outcome.js';
import {
  compileValidator,
  type ValidationIssue,
  type ValidationOptions,
  type Validator,
} from '../validation/index.js';

/** Code of the error that a resource is refused with. */
export const validationFailed = 'FHIR_VALIDATION_FAILED';

/**
 * Checks resources against the definitions of FHIR R4: on every write as far as `FIREKEEP_VALIDATION` says, and
 * whole where a client asks.
 *
 * @see https://hl7.org/fhir/R4/validation.html
 */
@Injectable()
export class ResourceValidation {
  private readonly validator: Validator;

  constructor(
    @Inject(FHIR_DEFINITIONS) definitions: Definitions,
    private readonly settings: Settings,
  ) {
    this.validator = compileValidator(definitions);
  }

  /** Everything that the definitions and invariants say about a resource, whatever the setting. */
  validate(resource: ParsedResource, place = ''): readonly ValidationIssue[] {
    return this.check(resource, 'full', place);
  }

  /**
   * Checks a resource that is to be stored.
   *
   * @param place FHIRPath for issues, where the resource is part of a Bundle
   * @param rewritten whether it was checked before and only its links have changed since
   * @returns findings that don't keep it from being stored
   * @throws FirekeepError 422 `FHIR_VALIDATION_FAILED` with every finding
   */
  require(resource: ParsedResource, place: string, rewritten: boolean): readonly OutcomeIssue[] {
    const mode = this.settings.get('validation');
    if (mode === 'off') return [];
    // Links are a matter of the structure: which types an element may refer to.
    const issues = this.check(resource, rewritten ? 'structure' : mode, place);
    if (issues.length === 0) return [];
    const first = issues.find(({ severity }) => severity === 'error');
    if (first !== undefined) {
      throw new FirekeepError('unprocessable', validationFailed, first.message, { issues });
    }
    return issues.map(outcomeIssue);
  }

  private check(
    { object, decimalText }: ParsedResource,
    mode: ValidationOptions['mode'],
    place: string,
  ): readonly ValidationIssue[] {
    return this.validator(object, {
      mode,
      lexeme: decimalText,
      ...(place === '' ? {} : { place }),
    });
  }
}

/** A finding as OperationOutcome has it. */
export function outcomeIssue({ severity, code, expression, message }: ValidationIssue): OutcomeIssue {
  return { severity, code, text: message, expression };
}
