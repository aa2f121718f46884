type Test = (character: string) => boolean;

type Node =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number };

type Instruction =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'split'; readonly to: readonly number[] }
  | { readonly kind: 'end' };

/** Steps of a pattern, at most: matching takes no longer than these times the characters of the text. */
const STEPS = 128;
const LENGTH = 512;

/**
 * A regular expression that matches a whole text in time that grows with its length alone, whatever the pattern:
 * all ways through it are followed at once. Literals, `.`, classes, groups, alternatives, `* + ?` and counts.
 *
 * Source: FHIR R4 valueset-filter-operator.html#regex.
 */
export class SafePattern {
  private constructor(private readonly program: readonly Instruction[]) {}

  /** Undefined: it is longer than is allowed, or holds what is not known here (look-around, back references). */
  static parse(source: string): SafePattern | undefined {
    if (source.length > LENGTH) return undefined;
    const node = new PatternParser(source.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')).parse();
    if (node === undefined || stepsOf(node) > STEPS) return undefined;
    const program: Instruction[] = [];
    compile(node, program);
    program.push({ kind: 'end' });
    return new SafePattern(program);
  }

  matches(text: string): boolean {
    let states = this.closure([0]);
    for (const character of text) {
      const next: number[] = [];
      for (const at of states) {
        const instruction = this.program[at];
        if (instruction?.kind === 'one' && instruction.test(character)) next.push(at + 1);
      }
      if (next.length === 0) return false;
      states = this.closure(next);
    }
    return [...states].some((at) => this.program[at]?.kind === 'end');
  }

  private closure(starts: readonly number[]): ReadonlySet<number> {
    const reached = new Set(starts);
    for (const at of reached) {
      const instruction = this.program[at];
      if (instruction?.kind === 'split') for (const to of instruction.to) reached.add(to);
    }
    return reached;
  }
}

/** Instructions that a node takes; more than the limit is not counted on. */
function stepsOf(node: Node): number {
  switch (node.kind) {
    case 'one':
      return 1;
    case 'all':
    case 'any':
      return node.parts.reduce((sum, part) => Math.min(STEPS + 1, sum + stepsOf(part) + 2), 0);
    case 'repeat': {
      const copies = node.max === Infinity ? node.min + 1 : node.max;
      return Math.min(STEPS + 1, copies * (stepsOf(node.part) + 2));
    }
  }
}

function compile(node: Node, program: Instruction[]): void {
  switch (node.kind) {
    case 'one':
      program.push(node);
      return;
    case 'all':
      for (const part of node.parts) compile(part, program);
      return;
    case 'any': {
      const fork = reserve(program);
      const starts: number[] = [];
      const ends: number[] = [];
      for (const part of node.parts) {
        starts.push(program.length);
        compile(part, program);
        ends.push(reserve(program));
      }
      program[fork] = { kind: 'split', to: starts };
      for (const end of ends) program[end] = { kind: 'split', to: [program.length] };
      return;
    }
    case 'repeat':
      compileRepeat(node.part, node.min, node.max, program);
  }
}

function compileRepeat(part: Node, min: number, max: number, program: Instruction[]): void {
  for (let n = 0; n < min; n++) compile(part, program);
  if (max === Infinity) {
    const fork = reserve(program);
    compile(part, program);
    program.push({ kind: 'split', to: [fork] });
    program[fork] = { kind: 'split', to: [fork + 1, program.length] };
    return;
  }
  const forks: number[] = [];
  for (let n = min; n < max; n++) {
    forks.push(reserve(program));
    compile(part, program);
  }
  for (const fork of forks) program[fork] = { kind: 'split', to: [fork + 1, program.length] };
}

function reserve(program: Instruction[]): number {
  return program.push({ kind: 'split', to: [] }) - 1;
}

const isDigit: Test = (c) => c >= '0' && c <= '9';
const isWord: Test = (c) => /^[A-Za-z0-9_]$/.test(c);
const isSpace: Test = (c) => /^\s$/u.test(c);
const classes: Readonly<Record<string, Test>> = {
  d: isDigit,
  D: (c) => !isDigit(c),
  w: isWord,
  W: (c) => !isWord(c),
  s: isSpace,
  S: (c) => !isSpace(c),
};

class PatternParser {
  private readonly characters: readonly string[];
  private at = 0;
  private depth = 0;
  private isBroken = false;

  constructor(source: string) {
    this.characters = Array.from(source);
  }

  parse(): Node | undefined {
    const node = this.alternatives();
    return this.isBroken || this.at < this.characters.length ? undefined : node;
  }

  private get next(): string | undefined {
    return this.characters[this.at];
  }

  private take(character: string): boolean {
    if (this.next !== character) return false;
    this.at++;
    return true;
  }

  private broken(): Node {
    this.isBroken = true;
    this.at = this.characters.length;
    return { kind: 'all', parts: [] };
  }

  private alternatives(): Node {
    if (++this.depth > 32) return this.broken();
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    this.depth--;
    return { kind: 'any', parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.next !== undefined && this.next !== '|' && this.next !== ')') parts.push(this.repeated());
    return { kind: 'all', parts };
  }

  private repeated(): Node {
    const part = this.atom();
    if (this.take('*')) return { kind: 'repeat', part, min: 0, max: Infinity };
    if (this.take('+')) return { kind: 'repeat', part, min: 1, max: Infinity };
    if (this.take('?')) return { kind: 'repeat', part, min: 0, max: 1 };
    return this.take('{') ? this.counted(part) : part;
  }

  private counted(part: Node): Node {
    const end = this.characters.indexOf('}', this.at);
    const [, from, comma, to] =
      /^(\d{1,3})(,?)(\d{0,3})$/.exec(this.characters.slice(this.at, end).join('')) ?? [];
    if (end < 0 || from === undefined) return this.broken();
    this.at = end + 1;
    const min = Number(from);
    const max = comma === '' ? min : to === '' ? Infinity : Number(to);
    return max < min ? this.broken() : { kind: 'repeat', part, min, max };
  }

  private atom(): Node {
    const character = this.next;
    this.at++;
    switch (character) {
      case '(': {
        if (this.take('?') && !this.take(':')) return this.broken();
        const group = this.alternatives();
        return this.take(')') ? group : this.broken();
      }
      case '[':
        return this.characterClass();
      case '.':
        return { kind: 'one', test: () => true };
      case '\\': {
        const test = this.escaped();
        return test === undefined ? this.broken() : { kind: 'one', test };
      }
      case '*':
      case '+':
      case '?':
      case '{':
      case '^':
      case '$':
      case undefined:
        return this.broken();
      default:
        return { kind: 'one', test: (c) => c === character };
    }
  }

  /** Behind a backslash: a class, or a character that is no letter or digit. */
  private escaped(): Test | undefined {
    const character = this.next;
    this.at++;
    if (character === undefined) return undefined;
    const known = classes[character];
    if (known !== undefined) return known;
    return isWord(character) ? undefined : (c) => c === character;
  }

  private characterClass(): Node {
    const isNegated = this.take('^');
    const tests: Test[] = [];
    while (this.next !== undefined && (this.next !== ']' || tests.length === 0)) {
      const first = this.next;
      this.at++;
      if (first === '\\') {
        const test = this.escaped();
        if (test === undefined) return this.broken();
        tests.push(test);
        continue;
      }
      const last = this.characters[this.at + 1];
      if (this.next !== '-' || last === undefined || last === ']' || last === '\\') {
        tests.push((c) => c === first);
        continue;
      }
      this.at += 2;
      tests.push((c) => c >= first && c <= last);
    }
    if (!this.take(']')) return this.broken();
    return { kind: 'one', test: (c) => tests.some((test) => test(c)) !== isNegated };
  }
}
