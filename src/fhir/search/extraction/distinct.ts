import type { CompositeValue, IndexValue, TokenValue } from '../index-values.js';

type Value = IndexValue | CompositeValue;

/** Above this length a set of keys is cheaper than comparing pairs. */
const PAIRWISE = 12;

function sameTokens(a: TokenValue, b: TokenValue): boolean {
  return (
    a.code === b.code &&
    a.system === b.system &&
    a.text === b.text &&
    a.caseSensitive === b.caseSensitive &&
    (a.ofType === b.ofType || JSON.stringify(a.ofType) === JSON.stringify(b.ofType))
  );
}

/** Component by component: writing out every pair of a composite's values costs many times their extraction. */
function sameComponents(a: readonly IndexValue[], b: readonly IndexValue[]): boolean {
  return a.every((value, index) => {
    const other = b[index];
    return other !== undefined && same(value, other);
  });
}

function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a.type === 'token') return b.type === 'token' && sameTokens(a, b);
  if (a.type === 'string') return b.type === 'string' && a.exact === b.exact;
  if (a.type === 'uri') return b.type === 'uri' && a.uri === b.uri;
  if (a.type === 'date') return b.type === 'date' && a.low === b.low && a.high === b.high;
  if (a.type === 'composite') return b.type === 'composite' && sameComponents(a.components, b.components);
  if (a.type === 'reference' && b.type === 'reference' && a.targetId !== b.targetId) return false;
  if (a.type === 'quantity' && b.type === 'quantity' && a.value !== b.value) return false;
  return a.type === b.type && JSON.stringify(a) === JSON.stringify(b);
}

function hasTwin(values: readonly Value[], index: number): boolean {
  const value = values[index];
  for (let earlier = 0; earlier < index; earlier++) {
    const other = values[earlier];
    if (value && other && same(other, value)) return true;
  }
  return false;
}

/** The values in their order, each once: branches of an expression may select equal elements. */
export function distinct<V extends Value>(values: V[]): V[] {
  if (values.length < 2) return values;
  if (values.length <= PAIRWISE) {
    return values.some((_, index) => hasTwin(values, index))
      ? values.filter((_, index) => !hasTwin(values, index))
      : values;
  }
  return [...new Map(values.map((value) => [keyOf(value), value] as const)).values()];
}

/** Equal for equal values alone. Of long lists most are references, whose parts stand in one line each. */
function keyOf(value: Value): string {
  if (value.type !== 'reference' || value.identifier !== null) return JSON.stringify(value);
  const { targetType, targetId, targetVersion, url, canonicalVersion } = value;
  return `${targetType ?? ''}\n${targetId ?? ''}\n${targetVersion ?? ''}\n${url ?? ''}\n${canonicalVersion ?? ''}`;
}
