/**
 * The part of FHIRPath that the R4 search parameters use, as a syntax tree. Anything else is refused, so that
 * a custom parameter outside of it is noticed when it is defined and not when it silently finds nothing.
 *
 * Source: http://hl7.org/fhirpath/N1/ and FHIR R4 searchparameter.html.
 */
export type Expression =
  /** Where a path starts: a type name (`Patient`), `%resource`, or null: the element at hand. */
  | { readonly kind: 'start'; readonly type: string | null }
  | { readonly kind: 'resource' }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: number }
  /** `x as T`, `x.as(T)` and `x.ofType(T)`. */
  | { readonly kind: 'as'; readonly of: Expression; readonly type: string }
  /** `x.where(name = 'value')`, and `x.extension('url')`. */
  | { readonly kind: 'where-equals'; readonly of: Expression; readonly name: string; readonly value: string }
  /** `x.where(resolve() is T)`. */
  | { readonly kind: 'where-resolves'; readonly of: Expression; readonly type: string }
  /** `x.exists() and x != false`: a boolean that says whether x is there and not false. */
  | { readonly kind: 'present'; readonly of: Expression }
  | { readonly kind: 'union'; readonly operands: readonly Expression[] };

/** An expression outside the subset, or not FHIRPath at all. */
export class UnsupportedExpression extends Error {
  constructor(expression: string, position: number) {
    super(`unsupported search expression at character ${position}: ${expression}`);
    this.name = 'UnsupportedExpression';
  }
}

const TOKEN = /\s*(?:(%?[A-Za-z_]\w*)|(\d+)|'([^'\\]*)'|(!=|[().|[\]=]))/y;
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 50;

interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

function tokenize(text: string): Token[] {
  if (text.length > MAX_LENGTH) throw new UnsupportedExpression(`${text.slice(0, 100)}…`, MAX_LENGTH);
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new UnsupportedExpression(text, at);
    const [, name, number, string, sign] = match;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (string !== undefined) tokens.push({ kind: 'string', text: string, at });
    else tokens.push({ kind: 'sign', text: sign ?? '', at });
  }
  return tokens;
}

class Parser {
  private position = 0;
  private depth = 0;
  private readonly tokens: readonly Token[];
  private readonly end: Token;

  constructor(private readonly text: string) {
    this.tokens = tokenize(text);
    this.end = { kind: 'end', text: '', at: text.length };
  }

  parse(): Expression {
    const expression = this.union();
    if (this.peek().kind !== 'end') this.fail();
    return expression;
  }

  private union(): Expression {
    if (++this.depth > MAX_DEPTH) this.fail();
    const operands = [this.operand()];
    while (this.accept('|')) operands.push(this.operand());
    this.depth--;
    const [first] = operands;
    return operands.length === 1 && first ? first : { kind: 'union', operands };
  }

  private operand(): Expression {
    let path = this.path();
    while (this.accept('as')) path = { kind: 'as', of: path, type: this.name() };
    return path;
  }

  private path(): Expression {
    let path = this.start();
    for (;;) {
      if (this.accept('[')) {
        path = { kind: 'index', of: path, index: Number(this.take('number')) };
        this.expect(']');
      } else if (this.accept('.')) {
        const name = this.name();
        if (!this.accept('(')) path = { kind: 'member', of: path, name };
        else if (name === 'exists') return this.present(path);
        else path = this.call(path, name);
      } else {
        return path;
      }
    }
  }

  private start(): Expression {
    if (this.accept('(')) {
      const inner = this.union();
      this.expect(')');
      return inner;
    }
    const name = this.name();
    if (name === '%resource') return { kind: 'resource' };
    if (name.startsWith('%')) this.fail();
    if (/^[A-Z]/.test(name)) return { kind: 'start', type: name };
    return { kind: 'member', of: { kind: 'start', type: null }, name };
  }

  /** The rest of `of.function(`. */
  private call(of: Expression, name: string): Expression {
    let result: Expression;
    if (name === 'as' || name === 'ofType') {
      result = { kind: 'as', of, type: this.name() };
    } else if (name === 'extension') {
      const extensions: Expression = { kind: 'member', of, name };
      result = { kind: 'where-equals', of: extensions, name: 'url', value: this.take('string') };
    } else if (name !== 'where') {
      return this.fail();
    } else if (this.accept('resolve')) {
      this.expect('(');
      this.expect(')');
      this.expect('is');
      result = { kind: 'where-resolves', of, type: this.name() };
    } else {
      const member = this.name();
      this.expect('=');
      result = { kind: 'where-equals', of, name: member, value: this.take('string') };
    }
    this.expect(')');
    return result;
  }

  /** The rest of `of.exists(`: only `) and of != false`. */
  private present(of: Expression): Expression {
    this.expect(')');
    this.expect('and');
    const other = this.path();
    this.expect('!=');
    this.expect('false');
    if (JSON.stringify(of) !== JSON.stringify(other)) this.fail();
    return { kind: 'present', of };
  }

  private peek(): Token {
    return this.tokens[this.position] ?? this.end;
  }

  private accept(text: string): boolean {
    const token = this.peek();
    if (token.kind === 'string' || token.text !== text) return false;
    this.position++;
    return true;
  }

  private expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }

  private name(): string {
    return this.take('name');
  }

  private take(kind: Token['kind']): string {
    const token = this.peek();
    if (token.kind !== kind) this.fail();
    this.position++;
    return token.text;
  }

  private fail(): never {
    throw new UnsupportedExpression(this.text, this.peek().at);
  }
}

/** Parses an expression; throws UnsupportedExpression for what lies outside the subset. */
export function parseExpression(text: string): Expression {
  return new Parser(text).parse();
}
