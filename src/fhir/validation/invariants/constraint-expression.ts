/** The part of FHIRPath that the invariants of R4 use, as a syntax tree. Source: http://hl7.org/fhirpath/N1/. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  /** `%resource` without the sign. */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'this' }
  /** `of` null: of the element at hand. */
  | { readonly kind: 'member'; readonly of: Expression | null; readonly name: string }
  | {
      readonly kind: 'call';
      readonly of: Expression | null;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'type'; readonly operator: 'is' | 'as'; readonly of: Expression; readonly type: string }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** An expression outside of the subset. The tests hold that the invariants of R4 are inside. */
export class UnsupportedInvariant extends Error {
  constructor(reason: string) {
    super(`unsupported invariant: ${reason}`);
    this.name = 'UnsupportedInvariant';
  }
}

const TOKEN =
  /\s*(?:([A-Za-z_]\w*)|`([^`]*)`|(%\w+|\$this)|(\d+)|'((?:[^'\\]|\\.)*)'|(<=|>=|!=|[=<>()|&+.,]))/y;

interface Token {
  readonly kind: 'name' | 'quoted' | 'special' | 'number' | 'string' | 'sign' | 'end';
  readonly text: string;
}

const kinds = ['name', 'quoted', 'special', 'number', 'string', 'sign'] as const;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new UnsupportedInvariant(`${text} at character ${at}`);
    const group = match.findIndex((part: string | undefined, index) => index > 0 && part !== undefined);
    tokens.push({ kind: kinds[group - 1] ?? 'sign', text: match[group] ?? '' });
  }
  return tokens;
}

/** Operators by precedence, the loosest first. */
const precedence: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '&'],
];

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

class Parser {
  private position = 0;
  private readonly tokens: readonly Token[];

  constructor(private readonly text: string) {
    this.tokens = tokenize(text);
  }

  parse(): Expression {
    const expression = this.binary(0);
    if (this.peek().kind !== 'end') this.fail();
    return expression;
  }

  private binary(level: number): Expression {
    const operators = precedence[level];
    if (!operators) return this.path();
    let left = this.binary(level + 1);
    for (;;) {
      const token = this.peek();
      const isOperator = token.kind === 'name' || token.kind === 'sign';
      if (!isOperator || !operators.includes(token.text)) return left;
      this.position++;
      const operator = token.text;
      left =
        operator === 'is' || operator === 'as'
          ? { kind: 'type', operator, of: left, type: this.name() }
          : { kind: 'binary', operator, left, right: this.binary(level + 1) };
    }
  }

  private path(): Expression {
    let expression = this.start();
    while (this.accept('.')) expression = this.invocation(expression);
    return expression;
  }

  private start(): Expression {
    const token = this.peek();
    if (token.kind === 'sign') {
      this.expect('(');
      const inner = this.binary(0);
      this.expect(')');
      return inner;
    }
    if (token.kind === 'name' && token.text !== 'true' && token.text !== 'false')
      return this.invocation(null);
    if (token.kind === 'quoted') return this.invocation(null);
    this.position++;
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'literal', value: unescape(token.text) };
    if (token.kind === 'special') {
      return token.text === '$this' ? { kind: 'this' } : { kind: 'variable', name: token.text.slice(1) };
    }
    if (token.kind === 'name') return { kind: 'literal', value: token.text === 'true' };
    return this.fail();
  }

  private invocation(of: Expression | null): Expression {
    if (this.peek().text === '$this') {
      this.position++;
      return of ?? { kind: 'this' };
    }
    const name = this.name();
    if (!this.accept('(')) return { kind: 'member', of, name };
    const args: Expression[] = [];
    if (!this.accept(')')) {
      do args.push(this.binary(0));
      while (this.accept(','));
      this.expect(')');
    }
    return { kind: 'call', of, name, args };
  }

  private name(): string {
    const token = this.peek();
    if (token.kind !== 'name' && token.kind !== 'quoted') this.fail();
    this.position++;
    return token.text;
  }

  private peek(): Token {
    return this.tokens[this.position] ?? { kind: 'end', text: '' };
  }

  private accept(sign: string): boolean {
    const token = this.peek();
    if (token.kind !== 'sign' || token.text !== sign) return false;
    this.position++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.accept(sign)) this.fail();
  }

  private fail(): never {
    throw new UnsupportedInvariant(`${this.text} at "${this.peek().text}"`);
  }
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_whole, character: string) => escapes[character] ?? character);
}

/** Parts of an expression. */
export function partsOf(expression: Expression): number {
  switch (expression.kind) {
    case 'member':
      return 1 + (expression.of === null ? 0 : partsOf(expression.of));
    case 'call':
      return expression.args.reduce(
        (sum, argument) => sum + partsOf(argument),
        1 + (expression.of === null ? 0 : partsOf(expression.of)),
      );
    case 'type':
      return 1 + partsOf(expression.of);
    case 'binary':
      return 1 + partsOf(expression.left) + partsOf(expression.right);
    default:
      return 1;
  }
}

/** The syntax tree of an invariant; throws UnsupportedInvariant. */
export function parseExpression(text: string): Expression {
  return new Parser(text).parse();
}
