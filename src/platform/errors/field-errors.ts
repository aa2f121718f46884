import { FirekeepError, type ErrorIssue } from './firekeep-error.js';

/** Collects what is wrong with the fields of a form, so that the caller learns all of it in one answer. */
export class FieldErrors {
  private readonly issues: ErrorIssue[] = [];

  add(field: string, message: string): void {
    this.issues.push({ expression: field, message });
  }

  /** Adds `message` where `condition` holds. */
  when(condition: boolean, field: string, message: string): void {
    if (condition) this.add(field, message);
  }

  get isEmpty(): boolean {
    return this.issues.length === 0;
  }

  /** @throws FirekeepError 400 with one issue a field. */
  throwIfAny(code: string): void {
    if (this.issues.length === 0) return;
    const first = this.issues.map(({ expression, message }) => `${expression ?? ''}: ${message}`).join(' ');
    throw new FirekeepError('invalid', code, first, { issues: this.issues });
  }
}
