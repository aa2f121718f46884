import { invalidPatch } from './patch-errors.js';

/**
 * The part of FHIRPath that names elements of one resource: paths, indexes, `where`, `extension`, `first`, `last`,
 * `single`, `ofType`. Nothing in it can take long or leave the resource.
 * Source: FHIR R4 fhirpatch.html, http://hl7.org/fhirpath/N1/.
 */
export interface ElementPath {
  /** The type that the path begins with; null: it begins with an element of the resource. */
  readonly root: string | null;
  readonly steps: readonly PathStep[];
}

export type PathStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'where'; readonly condition: Condition }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'of-type'; readonly type: string }
  | { readonly kind: 'first' | 'last' | 'single' };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'exists'; readonly steps: readonly PathStep[] }
  /** `literal` is a boolean, a number as written, or a text (dates too). */
  | { readonly kind: 'equals'; readonly steps: readonly PathStep[]; readonly literal: Literal };

export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly lexeme: string }
  | { readonly kind: 'boolean'; readonly value: boolean };

const TOKEN =
  /\s*(?:([A-Za-z_]\w*)|`([^`]*)`|(%resource|%context|\$this)|(-?\d+(?:\.\d+)?)|@([\dT:.+Z-]+)|'((?:[^'\\]|\\.)*)'|(!=|[=().[\],]))/y;
const kinds = ['name', 'quoted', 'special', 'number', 'date', 'string', 'sign'] as const;
const maximumLength = 2_000;
const maximumNesting = 20;

interface Token {
  readonly kind: (typeof kinds)[number] | 'end';
  readonly text: string;
}

/**
 * @param place names the operation in errors
 * @throws FirekeepError `FHIR_INVALID_PATCH`
 */
export function parseElementPath(text: string, place: string): ElementPath {
  return new Parser(text, place).parse();
}

const end: Token = { kind: 'end', text: '' };

class Parser {
  private position = 0;
  private nesting = 0;
  private readonly tokens: readonly Token[];

  constructor(
    private readonly text: string,
    private readonly place: string,
  ) {
    this.tokens = this.tokenize();
  }

  parse(): ElementPath {
    const { kind, text } = this.peek();
    let root: string | null = null;
    let steps: PathStep[];
    if (kind === 'special' || (kind === 'name' && /^[A-Z]/.test(text))) {
      this.position++;
      root = kind === 'special' ? 'Resource' : text;
      steps = [];
      this.indexes(steps);
    } else steps = [...this.step()];
    while (this.accept('.')) steps.push(...this.step());
    if (this.peek().kind !== 'end') this.fail();
    return { root, steps };
  }

  private tokenize(): Token[] {
    const tokens: Token[] = [];
    const length = this.text.trimEnd().length;
    if (length > maximumLength) {
      throw invalidPatch(
        `${this.place}: the path has more than ${maximumLength} characters.`,
        `${this.place}.part`,
      );
    }
    for (let at = 0; at < length; at = TOKEN.lastIndex) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(this.text);
      if (match === null) return this.fail(this.text.slice(at, at + 20));
      const group = match.findIndex((part: string | undefined, index) => index > 0 && part !== undefined);
      tokens.push({ kind: kinds[group - 1] ?? 'sign', text: match[group] ?? '' });
    }
    return tokens;
  }

  /** An element or a function, and the indexes behind it. */
  private step(): PathStep[] {
    const steps: PathStep[] = [];
    const name = this.name();
    if (this.accept('(')) steps.push(...this.call(name));
    else steps.push({ kind: 'member', name });
    this.indexes(steps);
    return steps;
  }

  private indexes(steps: PathStep[]): void {
    while (this.accept('[')) {
      const { kind, text } = this.take();
      if (kind !== 'number' || !/^\d{1,9}$/.test(text)) this.fail(text);
      steps.push({ kind: 'index', index: Number(text) });
      this.expect(']');
    }
  }

  /** The rest of `name(`. */
  private call(name: string): PathStep[] {
    switch (name) {
      case 'where': {
        const condition = this.condition();
        this.expect(')');
        return [{ kind: 'where', condition }];
      }
      case 'extension': {
        const { kind, text } = this.take();
        if (kind !== 'string') this.fail(text);
        this.expect(')');
        return [{ kind: 'extension', url: unescape(text) }];
      }
      case 'ofType':
      case 'as': {
        const type = this.name();
        // `FHIR.Quantity` names the same type.
        const unqualified = this.accept('.') ? this.name() : type;
        this.expect(')');
        return [{ kind: 'of-type', type: unqualified }];
      }
      case 'first':
      case 'last':
      case 'single':
        this.expect(')');
        return [{ kind: name }];
      default:
        return this.fail(`${name}()`);
    }
  }

  private condition(): Condition {
    if (++this.nesting > maximumNesting) this.fail('(');
    let left = this.conjunction();
    while (this.acceptName('or')) left = { kind: 'or', left, right: this.conjunction() };
    this.nesting--;
    return left;
  }

  private conjunction(): Condition {
    let left = this.negatable();
    while (this.acceptName('and')) left = { kind: 'and', left, right: this.negatable() };
    return left;
  }

  private negatable(): Condition {
    let condition = this.term();
    while (this.tokens[this.position]?.text === '.' && this.tokens[this.position + 1]?.text === 'not') {
      this.position += 2;
      this.expect('(');
      this.expect(')');
      condition = { kind: 'not', operand: condition };
    }
    return condition;
  }

  private term(): Condition {
    if (this.accept('(')) {
      const inner = this.condition();
      this.expect(')');
      return inner;
    }
    const steps: PathStep[] = [];
    if (this.peek().text === '$this') this.position++;
    else if (this.isTest()) return this.test(steps);
    else steps.push(...this.step());
    while (this.accept('.')) {
      if (this.isTest()) return this.test(steps);
      steps.push(...this.step());
    }
    const isEqual = this.accept('=');
    if (!isEqual) this.expect('!=');
    const equals: Condition = { kind: 'equals', steps, literal: this.literal() };
    return isEqual ? equals : { kind: 'not', operand: equals };
  }

  private isTest(): boolean {
    const { kind, text } = this.peek();
    return (
      kind === 'name' && ['exists', 'empty'].includes(text) && this.tokens[this.position + 1]?.text === '('
    );
  }

  /** `exists()`, `exists(condition)`, `empty()`. */
  private test(steps: readonly PathStep[]): Condition {
    const name = this.name();
    this.expect('(');
    if (this.accept(')')) {
      const exists: Condition = { kind: 'exists', steps };
      return name === 'exists' ? exists : { kind: 'not', operand: exists };
    }
    if (name !== 'exists') this.fail(name);
    const condition = this.condition();
    this.expect(')');
    return { kind: 'exists', steps: [...steps, { kind: 'where', condition }] };
  }

  private literal(): Literal {
    const { kind, text } = this.take();
    if (kind === 'string') return { kind: 'string', value: unescape(text) };
    if (kind === 'date') return { kind: 'string', value: text.replace(/^T|T$/, '') };
    if (kind === 'number') return { kind: 'number', lexeme: text };
    if (kind === 'name' && (text === 'true' || text === 'false')) {
      return { kind: 'boolean', value: text === 'true' };
    }
    return this.fail(text);
  }

  private name(): string {
    const { kind, text } = this.take();
    if (kind !== 'name' && kind !== 'quoted') this.fail(text);
    return text;
  }

  private peek(): Token {
    return this.tokens[this.position] ?? end;
  }

  private take(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  private accept(sign: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.position++;
    return true;
  }

  private acceptName(name: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'name' || text !== name) return false;
    this.position++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.accept(sign)) this.fail();
  }

  private fail(at = this.peek().text): never {
    const where = at === '' ? 'at its end' : `at "${at.slice(0, 40)}"`;
    throw invalidPatch(
      `${this.place}: the path "${this.text.slice(0, 200)}" is not understood ${where}. Element names, [n], ` +
        'where(), extension(), first(), last(), single() and ofType() are.',
      `${this.place}.part`,
    );
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_whole, code: string | undefined, character = '') =>
    code === undefined
      ? (escapes[character as string] ?? (character as string))
      : String.fromCharCode(parseInt(code, 16)),
  );
}
