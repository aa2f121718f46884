import { stillToAsk } from './implied-access.js';
import type { SearchAccess, SearchExpression, SearchQuery } from './query.js';

/**
 * What a resource of one of these types must fulfil to be seen. Holds for it alone: an expression of the access
 * is not itself narrowed by the access, so that "the patients of my care teams" doesn't ask who may see the teams.
 */
export function accessTo(access: SearchAccess, types: readonly string[]): SearchExpression {
  const [type] = types;
  if (type !== undefined && types.length === 1) return ofType(access, type);
  const groups = new Map<SearchExpression, string[]>();
  for (const name of types) {
    const expression = ofType(access, name);
    const group = groups.get(expression);
    if (group === undefined) groups.set(expression, [name]);
    else group.push(name);
  }
  const [only, ...more] = groups.keys();
  if (only !== undefined && more.length === 0) return only;
  const operands = [...groups].map(([operand, names]): SearchExpression => ({
    kind: 'of-type',
    types: names,
    operand,
  }));
  return { kind: 'or', operands };
}

function ofType({ byType, others }: SearchAccess, type: string): SearchExpression {
  return byType.get(type) ?? others;
}

/**
 * The query with its access written into the filter: of the matches, of every resource that a chain leads to, and
 * of every resource that refers by `_has`. What is made of the result (order, pages, totals) needs nothing more.
 */
export function restricted(query: SearchQuery): SearchQuery {
  const { access, filter } = query;
  if (access === undefined) return query;
  const visible = query.types.filter((type) => !isNothing(ofType(access, type)));
  // What no resource of a type can match needs no condition on the rows of the other types.
  const types = visible.length === 0 ? query.types : visible;
  const seen = askedOf(access, types, filter);
  return {
    ...query,
    types,
    filter: [
      ...filter.map((expression) => narrowedTo(access, expression)),
      ...(isEverything(seen) ? [] : [seen]),
    ],
  };
}

/** What the access asks of resources of which the search asks the facts. */
function askedOf(
  access: SearchAccess,
  types: readonly string[],
  facts: readonly SearchExpression[],
): SearchExpression {
  const asked = accessTo(access, types);
  // An expression is about the resources of the type that it was made for.
  return types.length === 1 ? stillToAsk(asked, facts) : asked;
}

/** Whether every resource fulfils it. */
export function isEverything(expression: SearchExpression): boolean {
  return expression.kind === 'and' && expression.operands.length === 0;
}

function isNothing(expression: SearchExpression): boolean {
  return expression.kind === 'or' && expression.operands.length === 0;
}

/** The expression, through whose chains and `_has` no more is seen than the access shows. */
export function narrowedTo(access: SearchAccess, expression: SearchExpression): SearchExpression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { ...expression, operands: expression.operands.map((operand) => narrowedTo(access, operand)) };
    case 'not':
    case 'of-type':
      return { ...expression, operand: narrowedTo(access, expression.operand) };
    case 'chain':
      return { ...expression, operand: seen(access, expression.targets, expression.operand) };
    case 'has':
      return { ...expression, operand: seen(access, [expression.type], expression.operand) };
    default:
      return expression;
  }
}

function seen(access: SearchAccess, types: readonly string[], operand: SearchExpression): SearchExpression {
  const inner = narrowedTo(access, operand);
  const visible = askedOf(access, types, [operand]);
  return isEverything(visible) ? inner : { kind: 'and', operands: [inner, visible] };
}
