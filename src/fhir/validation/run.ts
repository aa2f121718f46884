import type { IssueType } from '../outcome/issue-type.js';
import type { ResourceScope } from './resource-scope.js';
import type { ValidationIssue, ValidationOptions } from './validation-issue.js';

/** Errors, and warnings, that one validation lists. */
export const maximumIssues = 100;

/** Objects inside one another; the deepest of the specification's examples has 14. */
export const maximumDepth = 64;

/** One validation under way: where it is, and what it found. */
export class Run {
  readonly issues: ValidationIssue[] = [];
  errors = 0;
  /** Objects around the place. */
  depth = 0;
  /** The way from the root to the place: `length` segments, each an element or an index. */
  readonly path: (string | number)[] = [];
  length = 0;
  /** The resource around the place. */
  scope: ResourceScope | undefined;
  readonly full: boolean;
  readonly lexeme: ValidationOptions['lexeme'];
  private warnings = 0;
  private dropped = false;

  constructor(
    private readonly root: string,
    options: ValidationOptions,
  ) {
    this.full = options.mode === 'full';
    this.lexeme = options.lexeme;
  }

  /** Whether enough was found to stop. */
  hasEnough(): boolean {
    return this.errors > maximumIssues;
  }

  error(code: IssueType, message: string): void {
    if (++this.errors > maximumIssues) {
      this.dropped = true;
      return;
    }
    this.issues.push({ severity: 'error', code, expression: this.place(), message });
  }

  warning(code: IssueType, message: string): void {
    if (++this.warnings > maximumIssues) {
      this.dropped = true;
      return;
    }
    this.issues.push({ severity: 'warning', code, expression: this.place(), message });
  }

  /** An error at an element of the place. */
  errorAt(segment: string | number, code: IssueType, message: string): void {
    this.path[this.length++] = segment;
    this.error(code, message);
    this.length--;
  }

  finish(): readonly ValidationIssue[] {
    if (this.dropped) {
      this.issues.push({
        severity: 'information',
        code: 'incomplete',
        expression: this.root,
        message: `There is more than what is listed: a validation lists ${maximumIssues} errors and ${maximumIssues} warnings at most.`,
      });
    }
    return this.issues;
  }

  private place(): string {
    let text = this.root;
    for (let index = 0; index < this.length; index++) {
      const segment = this.path[index] ?? '';
      text += typeof segment === 'number' ? `[${segment}]` : `.${segment}`;
    }
    return text;
  }
}
