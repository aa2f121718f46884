import { LinearPattern, type StepBudget } from '../../budgets/index.js';
import {
  children,
  combine,
  count,
  descendants,
  first,
  iif,
  intersect,
  select,
  tail,
  where,
} from './collections.js';
import { asCollection, type ArgumentCompiler, type Collection, type Compiled } from './compiled.js';
import {
  all,
  existence,
  hasValue,
  isDistinct,
  isOfType,
  negation,
  textCondition,
  textFunction,
} from './conditions.js';
import { partsOf, UnsupportedInvariant, type Expression } from './constraint-expression.js';

/** Compiles a call; `compiler` is the one of the level where the call stands. */
type FunctionCompiler = (of: Compiled, args: readonly Expression[], compiler: ArgumentCompiler) => Compiled;

function only(args: readonly Expression[]): Expression {
  const [argument] = args;
  if (argument === undefined || args.length > 1) throw new UnsupportedInvariant('one argument is expected');
  return argument;
}

function none(args: readonly Expression[]): void {
  if (args.length > 0) throw new UnsupportedInvariant('no argument is expected');
}

/** A function of the elements alone. */
function plain(compile: (of: Collection, compiler: ArgumentCompiler) => Compiled): FunctionCompiler {
  return (of, args, compiler) => {
    none(args);
    return compile(asCollection(of), compiler);
  };
}

/** A text that stands in the expression itself. */
function text(expression: Expression | undefined): string {
  if (expression?.kind !== 'literal' || typeof expression.value !== 'string') {
    throw new UnsupportedInvariant('a text is expected as argument');
  }
  return expression.value;
}

function patternOf(expression: Expression | undefined, steps: StepBudget): LinearPattern {
  const pattern = LinearPattern.parse(text(expression), steps);
  if (pattern === undefined) {
    throw new UnsupportedInvariant('a regular expression of RE2 is expected, of 512 characters at the most');
  }
  return pattern;
}

function typeName(expression: Expression): string {
  if (expression.kind !== 'member' || expression.of !== null)
    throw new UnsupportedInvariant('a type is expected');
  return expression.name;
}

const wholeNumber = /^[+-]?\d+$/;

/** The functions that the invariants of R4 call. Source: http://hl7.org/fhirpath/N1/#functions. */
export const functions: Readonly<Record<string, FunctionCompiler>> = {
  exists: plain(existence),
  empty: plain((of) => negation(existence(of))),
  not: (of, args) => {
    none(args);
    return negation(of);
  },
  hasValue: plain(hasValue),
  isDistinct: plain(isDistinct),
  count: plain(count),
  first: plain(first),
  tail: plain(tail),
  descendants: plain(descendants),
  children: plain((of, compiler) => children(of, childTypes(of, compiler))),
  toInteger: plain((of) =>
    textFunction(of, 'integer', (value) => (wholeNumber.test(value) ? Number(value) : undefined)),
  ),
  toString: plain((of) => textFunction(of, 'string', (value) => value)),
  // A log in FHIRPath; here a resource's content stays out of logs.
  trace: (of) => of,
  all: (of, args, compiler) => {
    const items = asCollection(of);
    return all(items, compiler.within(items.types).condition(only(args)), partsOf(only(args)));
  },
  where: (of, args, compiler) => {
    const items = asCollection(of);
    return where(items, compiler.within(items.types).condition(only(args)), partsOf(only(args)));
  },
  select: (of, args, compiler) => {
    const items = asCollection(of);
    return select(items, compiler.within(items.types).collection(only(args)), partsOf(only(args)));
  },
  combine: (of, args, compiler) => combine(asCollection(of), compiler.collection(only(args))),
  intersect: (of, args, compiler) => intersect(asCollection(of), compiler.collection(only(args))),
  iif: (_of, args, compiler) => {
    const [criterion, result, otherwise] = args;
    if (!criterion || !result || otherwise)
      throw new UnsupportedInvariant('iif with two arguments is expected');
    return iif(compiler.condition(criterion), compiler.collection(result));
  },
  is: (of, args) => isOfType(asCollection(of), typeName(only(args))),
  // The patterns describe whole names and paths.
  matches: (of, args, { steps }) => {
    const pattern = patternOf(only(args), steps);
    return textCondition(asCollection(of), (value, _item, evaluation) =>
      pattern.matches(value, evaluation.steps),
    );
  },
  contains: (of, args) => {
    const part = text(only(args));
    return textCondition(asCollection(of), (value) => value.includes(part));
  },
  startsWith: (of, args, compiler) => {
    const start = compiler.collection(only(args));
    return textCondition(asCollection(of), (value, item, evaluation) => {
      const [prefix] = start.collect(item, evaluation);
      return typeof prefix === 'string' && value.startsWith(prefix);
    });
  },
  replaceMatches: (of, args, { steps }) => {
    const pattern = patternOf(args[0], steps);
    const replacement = text(args[1]);
    return textFunction(asCollection(of), 'string', (value, evaluation) =>
      pattern.replace(value, replacement, evaluation.steps),
    );
  },
};

function childTypes(of: Collection, { definitions }: ArgumentCompiler): string[] {
  const elements = [...of.types].flatMap((type) => [...(definitions.type(type)?.elements.values() ?? [])]);
  if (elements.length === 0) throw new UnsupportedInvariant('children of something without elements');
  return elements.flatMap(({ types }) => types.map(({ code }) => code));
}
