import type { ParameterExpression, SearchExpression } from './query.js';

const everything: SearchExpression = { kind: 'and', operands: [] };

/**
 * What an expression of the access still has to ask of a resource of one type of which a search already asks the facts:
 * `facts` and the result together let through what `facts` and the expression do. A condition is left out only where one
 * of the facts says the same, or is one of those that the condition names as implying it. What is compared is one
 * reference to one resource, or one id; anything else that is asked proves nothing.
 *
 * @param facts of which each must hold
 */
export function stillToAsk(
  expression: SearchExpression,
  facts: readonly SearchExpression[],
): SearchExpression {
  const said = facts.flatMap((fact) => (fact.kind === 'and' ? fact.operands : [fact]));
  return said.length === 0 ? expression : beyond(expression, said);
}

function beyond(expression: SearchExpression, facts: readonly SearchExpression[]): SearchExpression {
  switch (expression.kind) {
    case 'and': {
      const left = expression.operands.map((operand) => beyond(operand, facts)).filter((one) => !holds(one));
      const [only] = left;
      return left.length === 1 && only !== undefined ? only : { kind: 'and', operands: left };
    }
    case 'or':
      return expression.operands.some((operand) => holds(beyond(operand, facts))) ||
        facts.some((fact) => isSame(fact, expression))
        ? everything
        : expression;
    case 'id':
      return facts.some((fact) => isSame(fact, expression)) ? everything : expression;
    case 'parameter':
      return [expression, ...(expression.impliedBy ?? [])].some((one) =>
        facts.some((fact) => isSame(fact, one)),
      )
        ? everything
        : expression;
    default:
      return expression;
  }
}

const holds = (expression: SearchExpression): boolean =>
  expression.kind === 'and' && expression.operands.length === 0;

function isSame(fact: SearchExpression, other: SearchExpression): boolean {
  if (fact.kind === 'id' && other.kind === 'id') {
    const [id, ...more] = fact.ids;
    return id !== undefined && more.length === 0 && other.ids.length === 1 && other.ids[0] === id;
  }
  if (fact.kind === 'or' && other.kind === 'or') {
    const { operands } = fact;
    return (
      operands.length > 0 &&
      operands.length === other.operands.length &&
      other.operands.every((operand, n) => operands[n] !== undefined && isSame(operands[n], operand))
    );
  }
  if (fact.kind !== 'parameter' || other.kind !== 'parameter' || fact.code !== other.code) return false;
  const [one, another] = [soleTarget(fact), soleTarget(other)];
  return one !== undefined && another !== undefined && one.type === another.type && one.id === another.id;
}

/** The resource that a condition asks for, if that is all that it asks. */
function soleTarget({
  type,
  anyOf: [test, ...others],
  except,
}: ParameterExpression): { readonly type: string | undefined; readonly id: string } | undefined {
  if (type !== 'reference' || test?.type !== 'reference' || others.length > 0 || except === true)
    return undefined;
  const { targetType, targetId, targetVersion, canonicalVersion, versionParts, url } = test;
  const isPlain = [targetVersion, canonicalVersion, versionParts, url].every((part) => part === undefined);
  return isPlain && targetId !== undefined ? { type: targetType, id: targetId } : undefined;
}
