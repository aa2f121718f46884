import type { Definitions, SearchParameter } from '../../definitions/index.js';
import { compileExpression, type Fork } from './expression-compiler.js';
import { parseExpression, type Expression } from './expression.js';

/** One of the operands of an expression, without what it asks of the type that a reference leads to. */
interface Selected {
  /** The same text where the same elements are selected. */
  readonly element: string;
  /** `.where(resolve() is …)`; undefined: any type. */
  readonly only: string | undefined;
  readonly forks: readonly Fork[];
}

/** Where a parameter is asked about: for resources of `of`, and what of them leads to resources of `to`. */
export interface ReferenceRoute {
  readonly of: string;
  readonly to: string;
}

/**
 * Whether the index has, for every resource of the type, each reference of `inner` that leads to the target under
 * `outer` as well. Told from the definitions alone: each operand of `inner` selects the elements of one of `outer`. False
 * where that isn't certain, and for parameters that don't belong to the server's own definitions, whose index may be older
 * than they are.
 */
export function leadsWithin(
  inner: SearchParameter,
  outer: SearchParameter,
  { of, to }: ReferenceRoute,
  definitions: Definitions,
): boolean {
  const named = new Set(operandsOf(outer).map(({ element }) => element));
  if (!operandsOf(inner).some(({ element }) => named.has(element))) return false;
  const wanted = selected(inner, of, definitions);
  const offered = selected(outer, of, definitions).filter(({ only }) => only === undefined || only === to);
  const elements = new Set(offered.map(({ element }) => element));
  return (
    wanted.length > 0 &&
    [...wanted, ...offered].every(isReference) &&
    wanted.every(({ element, only }) => (only === undefined || only === to) && elements.has(element))
  );
}

/** Whether a reference of the parameter that leads to a resource of the repository leads to one of the target type. */
export function leadsOnlyTo(
  parameter: SearchParameter,
  { of, to }: ReferenceRoute,
  definitions: Definitions,
): boolean {
  const asked = selected(parameter, of, definitions);
  // What may refer to one type alone is not asked where it leads, and may lead elsewhere all the same.
  const isAsked = ({ forks }: Selected): boolean =>
    forks.every(({ target: { type } }) => type.targets.length !== 1 || type.targets[0] !== to);
  return asked.length > 0 && asked.every((one) => isReference(one) && one.only === to && isAsked(one));
}

const isReference = ({ forks }: Selected): boolean =>
  forks.every(({ target: { type } }) => type.code === 'Reference');

interface Operand extends Omit<Selected, 'forks'> {
  readonly expression: Expression;
}

const operands = new WeakMap<SearchParameter, readonly Operand[]>();

/** The operands of a parameter, which often are about many types; none where nothing is certain about it. */
function operandsOf(parameter: SearchParameter): readonly Operand[] {
  const known = operands.get(parameter);
  if (known !== undefined) return known;
  const { type, expression: text, coverage } = parameter;
  const parsed =
    type === 'reference' && text !== null && coverage === undefined ? parseExpression(text) : undefined;
  const parts = parsed?.kind === 'union' ? parsed.operands : [parsed];
  const found = parts.flatMap((part): Operand[] => {
    if (part === undefined) return [];
    const expression = part.kind === 'where-resolves' ? part.of : part;
    const only = part.kind === 'where-resolves' ? part.type : undefined;
    return [{ expression, element: JSON.stringify(expression), only }];
  });
  operands.set(parameter, found);
  return found;
}

/** The operands that select something of resources of the type. */
function selected(parameter: SearchParameter, of: string, definitions: Definitions): readonly Selected[] {
  return operandsOf(parameter).flatMap(({ expression, ...operand }): Selected[] => {
    const forks = compileExpression(expression, definitions, of, of);
    return forks.length === 0 ? [] : [{ ...operand, forks }];
  });
}
