import { FirekeepError, type ErrorIssue } from '../../platform/errors/index.js';
import { validationFailed } from '../exchange/resource-validation.js';

/** Findings that one answer lists; what lies behind them shows when these are mended. */
const maximumFindings = 200;

/** Collects what validation finds in the entries of a Bundle, so that its sender learns all of it at once. */
export class ValidationFailures {
  private readonly issues: ErrorIssue[] = [];
  private message: string | undefined;

  /** Runs the work of an entry. Only a failure of validation is kept; everything else is thrown at once. */
  collect(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      if (!(thrown instanceof FirekeepError) || thrown.code !== validationFailed) throw thrown;
      this.message ??= thrown.message;
      this.issues.push(...thrown.issues);
      if (this.issues.length >= maximumFindings) this.throwIfAny();
    }
  }

  /** @throws FirekeepError 422 `FHIR_VALIDATION_FAILED` */
  throwIfAny(): void {
    if (this.message === undefined) return;
    throw new FirekeepError('unprocessable', validationFailed, this.message, { issues: this.issues });
  }
}
