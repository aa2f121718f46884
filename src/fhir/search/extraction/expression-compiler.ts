import type { Definitions, ElementDefinition, ElementType } from '../../definitions/index.js';
import { choiceProperty } from '../../definitions/index.js';
import { parseExpression, type Expression } from './expression.js';
import { referencedType } from './reference.converter.js';
import { isFields } from './visit.js';
import type { Run, Target, Visit } from './visit.js';

/**
 * One way through the definitions to values of one static type. A choice element gives a fork for each of its
 * types, so that a value arrives where its type is known and nothing has to be guessed at run time.
 */
export interface Fork {
  readonly target: Target;
  /** The step that leads from the starting element to `next`. */
  bind(next: Visit): Visit;
}

interface Scope {
  readonly definitions: Definitions;
  /** Type of the element at which evaluation starts. */
  readonly start: string;
  /** Type of the resource, for `%resource`. */
  readonly resource: string;
}

const typeOf = (code: string): ElementType => ({ code, targets: [], profiles: [] });

/** A type and what it is derived from, most special first. */
function lineage(definitions: Definitions, name: string): string[] {
  const base = definitions.type(name)?.base;
  return base == null ? [name] : [name, ...lineage(definitions, base)];
}

function visitProperty(property: string, next: Visit): Visit {
  return (value, _owner, _key, run) => {
    if (!isFields(value)) return;
    const found = value[property];
    if (found === undefined) return;
    if (!Array.isArray(found)) {
      next(found, value, property, run);
      return;
    }
    for (let index = 0; index < found.length; index++) next(found[index], found, index, run);
  };
}

function elementForks(from: Fork, element: ElementDefinition): Fork[] {
  return element.types.map((type) => {
    const property = element.choice ? choiceProperty(element.name, type.code) : element.name;
    return { target: { type, element }, bind: (next) => from.bind(visitProperty(property, next)) };
  });
}

/** `forks[n]`: an index picks out of the list that a property holds. */
function indexForks(forks: readonly Fork[], index: number): Fork[] {
  return forks.map((fork) => ({
    target: fork.target,
    bind: (next) =>
      fork.bind((value, owner, key, run) => {
        const position = typeof key === 'number' ? key : 0;
        if (position === index) next(value, owner, key, run);
      }),
  }));
}

/** Forks of a type and of what is derived from it: a canonical is a uri. */
function typedForks(definitions: Definitions, forks: readonly Fork[], type: string): Fork[] {
  // Type names appear in the wrong case in the published expressions (`as DateTime`).
  const wanted = type.toLowerCase();
  return forks.filter((fork) =>
    lineage(definitions, fork.target.type.code).some((name) => name.toLowerCase() === wanted),
  );
}

function equalForks(forks: readonly Fork[], name: string, expected: string): Fork[] {
  return forks.map((fork) => ({
    target: fork.target,
    bind: (next) =>
      fork.bind((value, owner, key, run) => {
        if (isFields(value) && value[name] === expected) next(value, owner, key, run);
      }),
  }));
}

function resolvedForks(definitions: Definitions, forks: readonly Fork[], type: string): Fork[] {
  return forks.map((fork) => {
    const { targets } = fork.target.type;
    // Where the element can point to nothing else, a reference needs no resolving.
    if (targets.length === 1 && targets[0] === type) return fork;
    return {
      target: fork.target,
      bind: (next) =>
        fork.bind((value, owner, key, run) => {
          if (referencedType(value, definitions) === type) next(value, owner, key, run);
        }),
    };
  });
}

/** One boolean for a whole element: present, and not `false`. Without a value but with extensions: nothing. */
function presenceFork(of: Expression, scope: Scope): Fork {
  if (of.kind !== 'member') throw new Error('exists() is supported behind a member only');
  const owners = forksOf(of.of, scope);
  const check = (next: Visit, properties: readonly string[]): Visit => {
    return (value, owner, key, run) => {
      if (!isFields(value)) return;
      const property = properties.find((name) => value[name] !== undefined);
      if (property === undefined && properties.some((name) => value[`_${name}`] !== undefined)) return;
      next(property !== undefined && value[property] !== false, owner, key, run);
    };
  };
  const visits = (next: Visit) =>
    owners.map((fork) => {
      const element = scope.definitions.type(fork.target.type.code)?.elements.get(of.name);
      const types = element?.types ?? [];
      return fork.bind(
        check(
          next,
          types.map((t) => (element?.choice ? choiceProperty(of.name, t.code) : of.name)),
        ),
      );
    });
  return { target: { type: typeOf('boolean'), element: null }, bind: (next) => sequence(visits(next)) };
}

/** Forks of one expression: `extension.value` has fifty, and each further one would have fifty times as many. */
const MAX_FORKS = 500;

/** The forks of an expression; empty where it belongs to another type than the one at which it starts. */
function forksOf(expression: Expression, scope: Scope): Fork[] {
  const forks = stepForks(expression, scope);
  if (forks.length > MAX_FORKS) {
    throw new Error(
      'the expression leads to too many kinds of values; name their type with "as" or "ofType"',
    );
  }
  return forks;
}

function stepForks(expression: Expression, scope: Scope): Fork[] {
  const { definitions } = scope;
  switch (expression.kind) {
    case 'start': {
      const { type } = expression;
      if (type !== null && !lineage(definitions, scope.start).includes(type)) return [];
      return [{ target: { type: typeOf(scope.start), element: null }, bind: (next) => next }];
    }
    case 'resource': {
      const bind =
        (next: Visit): Visit =>
        (_value, owner, key, run: Run) =>
          next(run.resource, owner, key, run);
      return [{ target: { type: typeOf(scope.resource), element: null }, bind }];
    }
    case 'member':
      return forksOf(expression.of, scope).flatMap((fork) => {
        const element = definitions.type(fork.target.type.code)?.elements.get(expression.name);
        return element ? elementForks(fork, element) : [];
      });
    case 'index':
      return indexForks(forksOf(expression.of, scope), expression.index);
    case 'as':
      return typedForks(definitions, forksOf(expression.of, scope), expression.type);
    case 'where-equals':
      return equalForks(forksOf(expression.of, scope), expression.name, expression.value);
    case 'where-resolves':
      return resolvedForks(definitions, forksOf(expression.of, scope), expression.type);
    case 'present':
      return [presenceFork(expression.of, scope)];
    case 'union':
      return expression.operands.flatMap((operand) => forksOf(operand, scope));
  }
}

/** One step that takes all of these. */
export function sequence(visits: readonly Visit[]): Visit {
  const [first] = visits;
  if (visits.length === 1 && first) return first;
  return (value, owner, key, run) => {
    for (const visit of visits) visit(value, owner, key, run);
  };
}

/**
 * Compiles an expression for the elements of a type.
 *
 * @param start type of the element at which evaluation starts; for a plain parameter the resource type
 * @param resource resource type that `%resource` stands for
 */
export function compileExpression(
  expression: Expression,
  definitions: Definitions,
  start: string,
  resource: string,
): readonly Fork[] {
  return forksOf(expression, { definitions, start, resource });
}

/**
 * A text that is the same for expressions that select the same elements of a resource type: their operands that
 * start at the type, in order.
 *
 * @throws UnsupportedExpression
 */
export function selectionOf(text: string, definitions: Definitions, type: string): string {
  const parsed = parseExpression(text);
  const operands = parsed.kind === 'union' ? parsed.operands : [parsed];
  return operands
    .filter((operand) => forksOf(operand, { definitions, start: type, resource: type }).length > 0)
    .map((operand) => JSON.stringify(operand))
    .sort()
    .join(' ');
}
