import type { IssueType } from '../../outcome/issue-type.js';
import { maximumIssues } from '../run.js';
import type { ValidationIssue } from '../validation-issue.js';

/** What one check against a profile has found; each thing once, and a bounded number of things. */
export class Findings {
  private readonly known = new Map<string, ValidationIssue>();
  private dropped = false;

  get issues(): readonly ValidationIssue[] {
    return [...this.known.values()];
  }

  get errors(): number {
    return this.issues.filter(({ severity }) => severity === 'error').length;
  }

  add(severity: ValidationIssue['severity'], code: IssueType, expression: string, message: string): void {
    const key = `${severity}\n${expression}\n${message}`;
    if (this.known.has(key) || this.dropped) return;
    if (this.known.size >= 3 * maximumIssues) {
      this.dropped = true;
      const text = `There is more than what is listed: a check against a profile lists ${3 * maximumIssues} issues at most.`;
      this.known.set(text, { severity: 'error', code: 'incomplete', expression, message: text });
      return;
    }
    this.known.set(key, { severity, code, expression, message });
  }

  error(code: IssueType, expression: string, message: string): void {
    this.add('error', code, expression, message);
  }

  /** What could not be decided: a profile must not seem to be met by it. */
  undecided(expression: string, message: string): void {
    this.add('information', 'not-supported', expression, message);
  }

  take(issues: readonly ValidationIssue[]): void {
    for (const { severity, code, expression, message } of issues)
      this.add(severity, code, expression, message);
  }
}
