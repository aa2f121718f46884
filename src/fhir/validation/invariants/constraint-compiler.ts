import type { StepBudget } from '../../budgets/index.js';
import type { Definitions } from '../../definitions/index.js';
import { functions } from './functions.js';
import { concatenation, constant, sum, union } from './collections.js';
import {
  asCollection,
  asCondition,
  collection,
  condition,
  type ArgumentCompiler,
  type Collection,
  type Compiled,
  type Condition,
  type Items,
} from './compiled.js';
import type { Order } from './ordered-comparison.js';
import { comparison, equality, isOfType, membership, negation } from './conditions.js';
import { UnsupportedInvariant, type Expression } from './constraint-expression.js';
import { memberOf } from './member.js';
import { and, implies, or, xor, type Truth } from './truth.js';

const UCUM = 'http://unitsofmeasure.org';

const connectives: Readonly<Record<string, (left: Truth, right: Truth) => Truth>> = { and, or, xor, implies };

/** What the names of an expression mean. */
export interface Names {
  readonly definitions: Definitions;
  /** Types of the element at hand. */
  readonly focus: ReadonlySet<string>;
  /** Types of `%context` and the type of `%resource`. */
  readonly context: ReadonlySet<string>;
  readonly resource: string;
  /** What compiling may cost. */
  readonly steps: StepBudget;
}

/** Compiles the syntax tree of an invariant to closures. Throws UnsupportedInvariant and BudgetExceeded. */
export function compileExpression(expression: Expression, names: Names): Condition {
  return asCondition(new ExpressionCompiler(names).compile(expression));
}

/** One level of an expression: an argument of `where` and its like has a compiler of its own. */
class ExpressionCompiler implements ArgumentCompiler {
  readonly definitions: Definitions;
  readonly steps: StepBudget;
  private readonly focus: Collection;

  constructor(private readonly names: Names) {
    this.definitions = names.definitions;
    this.steps = names.steps;
    this.focus = collection(names.focus, (item) => [item], { exists: () => true });
  }

  /** A whole operand: a path that starts at a variable gives the same each time and is kept. */
  compile(expression: Expression): Compiled {
    const compiled = this.part(expression);
    const isPath = expression.kind === 'member' || expression.kind === 'call';
    if (!isPath || compiled.kind === 'condition') return compiled;
    const variable = startVariable(expression);
    return variable === undefined ? compiled : memoized(compiled, variable);
  }

  within(types: ReadonlySet<string>): ExpressionCompiler {
    return new ExpressionCompiler({ ...this.names, focus: types });
  }

  collection(expression: Expression): Collection {
    return asCollection(this.compile(expression));
  }

  condition(expression: Expression): Condition {
    return asCondition(this.compile(expression));
  }

  private part(expression: Expression): Compiled {
    switch (expression.kind) {
      case 'literal':
        return constant(literalType(expression.value), expression.value);
      case 'variable':
        return this.variable(expression.name);
      case 'this':
        return this.focus;
      case 'member':
        return this.member(expression.of, expression.name);
      case 'call':
        return this.call(expression);
      case 'type':
        return this.typed(expression);
      case 'binary':
        return this.binary(expression);
    }
  }

  private variable(name: string): Collection {
    if (name === 'ucum') return constant('string', UCUM);
    if (name === 'resource') return collection([this.names.resource], (_item, { resource }) => [resource]);
    if (name === 'context') return collection(this.names.context, (_item, { context }) => [context]);
    throw new UnsupportedInvariant(`%${name}`);
  }

  private member(of: Expression | null, name: string): Collection {
    if (of === null && this.names.focus.has(name)) return this.focus;
    const owner = of === null ? this.focus : asCollection(this.part(of));
    return memberOf(owner, name, owner === this.focus, this.definitions);
  }

  private call({ of, name, args }: Extract<Expression, { kind: 'call' }>): Compiled {
    const compile = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (compile === undefined) throw new UnsupportedInvariant(`function ${name}`);
    const owner = of === null ? this.focus : this.part(of);
    if (owner.kind === 'collection' && owner.objectsOnly === true) {
      throw new UnsupportedInvariant(`${name}() of children or descendants`);
    }
    return compile(owner, args, this);
  }

  private typed({ operator, of, type }: Extract<Expression, { kind: 'type' }>): Compiled {
    const owner = asCollection(this.part(of));
    if (operator === 'is') return isOfType(owner, type);
    const wanted = owner.ofType?.(type);
    if (wanted === undefined) throw new UnsupportedInvariant(`as ${type}`);
    return wanted;
  }

  private binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): Compiled {
    const connective = connectives[operator];
    if (connective !== undefined) return connect(connective, this.condition(left), this.condition(right));
    const a = this.compile(left);
    const b = this.compile(right);
    switch (operator) {
      case '=':
        return equality(a, b);
      case '!=':
        return negation(equality(a, b));
      case 'in':
        return membership(asCollection(a), asCollection(b));
      case 'contains':
        return membership(asCollection(b), asCollection(a));
      case '|':
        return union(asCollection(a), asCollection(b));
      case '&':
        return concatenation(asCollection(a), asCollection(b));
      case '+':
        return sum(asCollection(a), asCollection(b));
      default:
        return comparison(operator as Order, asCollection(a), asCollection(b));
    }
  }
}

function connect(
  connective: (left: Truth, right: Truth) => Truth,
  left: Condition,
  right: Condition,
): Condition {
  return condition((item, evaluation) =>
    connective(left.test(item, evaluation), right.test(item, evaluation)),
  );
}

function literalType(value: string | number | boolean): string {
  if (typeof value === 'number') return 'integer';
  return typeof value === 'string' ? 'string' : 'boolean';
}

function startVariable(expression: Expression): string | undefined {
  if (expression.kind === 'variable') return expression.name;
  if (expression.kind !== 'member' && expression.kind !== 'call') return undefined;
  return expression.of === null ? undefined : startVariable(expression.of);
}

/** Follows a path from a variable once. */
function memoized(part: Collection, variable: string): Collection {
  const { collect } = part;
  return collection(part.types, (item, evaluation) => {
    const memo =
      variable === 'resource' ? evaluation.ofResource : (evaluation.ofContext ??= new Map<object, Items>());
    const known = memo.get(collect);
    if (known !== undefined) return known;
    const items = collect(item, evaluation);
    memo.set(collect, items);
    return items;
  });
}
