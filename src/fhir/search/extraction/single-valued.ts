import type { Definitions } from '../../definitions/index.js';
import { compileExpression } from './expression-compiler.js';
import { parseExpression, type Expression } from './expression.js';

/**
 * Whether the elements that an expression selects of a resource type can hold one value at the most: every step of its
 * path leads to an element whose `max` is 1. Several operands count as one where they name the same element, each as
 * another of its types.
 *
 * Source: FHIR R4 elementdefinition.html (`max`).
 */
export function selectsOne(text: string, definitions: Definitions, type: string): boolean {
  const parsed = parseExpression(text);
  const operands = parsed.kind === 'union' ? parsed.operands : [parsed];
  const [first, ...others] = operands
    .filter((operand) => compileExpression(operand, definitions, type, type).length > 0)
    .map(elementOf);
  if (first === undefined) return false;
  const isSame = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return isSame && isOne(first, definitions, type);
}

/** The element, whichever of its types is meant. */
function elementOf(expression: Expression): Expression {
  return expression.kind === 'as' ? elementOf(expression.of) : expression;
}

function isOne(expression: Expression, definitions: Definitions, type: string): boolean {
  switch (expression.kind) {
    case 'start':
      return true;
    case 'as':
    case 'where-equals':
    case 'where-resolves':
      return isOne(expression.of, definitions, type);
    case 'member': {
      const forks = compileExpression(expression, definitions, type, type);
      return (
        forks.every(({ target }) => target.element?.max === 1) && isOne(expression.of, definitions, type)
      );
    }
    case 'resource':
    case 'index':
    case 'present':
    case 'union':
      return false;
  }
}
