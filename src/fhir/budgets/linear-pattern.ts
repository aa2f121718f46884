import { RE2JS, type Matcher } from 're2js';
import { BudgetExceeded, type StepBudget } from './step-budget.js';

/** Characters of a pattern. */
const LENGTH = 512;
/** Instructions of a pattern, as far as its text tells; FHIR R4 itself has one with 1,020. */
const INSTRUCTIONS = 2_048;
/** Characters of a text times instructions of the pattern, for one match: some 50 ms where each is followed. */
const LONGEST_MATCH = 200_000;
/** Steps that an instruction costs while a pattern is compiled. */
const COMPILE_STEPS = 50;

/**
 * A regular expression whose matches take time in proportion to the text, whatever the pattern: RE2. What needs
 * backtracking (look-around, references to groups) is not known. `.` matches every character, `\s` and the like
 * those of ASCII.
 *
 * Source: FHIR R4 valueset-filter-operator.html#regex, http://hl7.org/fhirpath/N1/#matchesregex-string-boolean.
 */
export class LinearPattern {
  private readonly size: number;

  private constructor(private readonly pattern: RE2JS) {
    this.size = pattern.programSize();
  }

  /** Undefined: it is longer than is allowed, or holds what is not known here. @throws BudgetExceeded */
  static parse(source: string, steps: StepBudget): LinearPattern | undefined {
    if (source.length > LENGTH) return undefined;
    const size = sizeOf(source);
    if (size > INSTRUCTIONS) return undefined;
    return steps.timed(size * COMPILE_STEPS, () => {
      try {
        return new LinearPattern(RE2JS.compile(RE2JS.translateRegExp(source), RE2JS.DOTALL));
      } catch {
        return undefined;
      }
    });
  }

  /** Whether it matches the whole text. @throws BudgetExceeded */
  matches(text: string, steps: StepBudget): boolean {
    return steps.timed(this.cost(text.length, steps), () => this.pattern.testExact(text));
  }

  /** The text with every match replaced; `$1` and `${name}` in the replacement are groups. @throws BudgetExceeded */
  replace(text: string, replacement: string, steps: StepBudget): string {
    const matcher = this.pattern.matcher(text);
    let result = '';
    let from = 0;
    while (steps.timed(this.cost(text.length - from, steps), () => matcher.find())) {
      const part = text.slice(from, matcher.start()) + replacementOf(replacement, matcher);
      from = matcher.end();
      steps.spend(1 + part.length);
      result += part;
    }
    return result + text.slice(from);
  }

  private cost(length: number, steps: StepBudget): number {
    const most = (length + 1) * this.size;
    if (most > LONGEST_MATCH && steps.isLimited) throw new BudgetExceeded();
    return most;
  }
}

function replacementOf(replacement: string, matcher: Matcher): string {
  if (!replacement.includes('$')) return replacement;
  return replacement.replace(/\$(\d{1,2}|\{\w+\}|\$)/g, (whole, group: string) => {
    if (group === '$') return '$';
    try {
      return matcher.group(group.startsWith('{') ? group.slice(1, -1) : Number(group)) ?? '';
    } catch {
      return whole;
    }
  });
}

/** About how many instructions a pattern becomes: counted repetitions are written out by the compiler. */
function sizeOf(source: string): number {
  const groups: number[] = [];
  let sum = 0;
  let last = 0;
  for (let at = 0; at < source.length; at++) {
    const count = /\{(\d+)(?:,(\d*))?\}/y;
    count.lastIndex = at;
    const [text, from, to] = count.exec(source) ?? [];
    if (text !== undefined) {
      sum += last * Math.max(0, Math.max(Number(from), Number(to ?? 0)) - 1);
      last = 0;
      at += text.length - 1;
    } else if (source[at] === '(') {
      groups.push(sum);
      sum = 0;
      last = 0;
    } else if (source[at] === ')') {
      last = sum + 2;
      sum = last + (groups.pop() ?? 0);
    } else {
      if (source[at] === '\\') at++;
      else if (source[at] === '[') at = classEnd(source, at);
      last = 2;
      sum += last;
    }
  }
  return groups.reduce((total, one) => total + one, sum);
}

function classEnd(source: string, start: number): number {
  // A bracket that stands first is a member.
  let at = start + (source[start + 1] === '^' ? 3 : 2);
  while (at < source.length && source[at] !== ']') at += source[at] === '\\' ? 2 : 1;
  return at;
}
