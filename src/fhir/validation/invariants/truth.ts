/**
 * What a condition comes to. FHIRPath knows true, false and empty; UNKNOWN is an empty result that stands for
 * "nothing to say": two dates that their precision does not order, a rule about the text of an element that
 * is absent. An invariant is broken where it is FALSE or EMPTY.
 */
export type Truth = 0 | 1 | 2 | 3;

export const FALSE = 0;
export const TRUE = 1;
export const EMPTY = 2;
export const UNKNOWN = 3;

export function truth(value: boolean): Truth {
  return value ? TRUE : FALSE;
}

export function not(value: Truth): Truth {
  return value > TRUE ? value : truth(value === FALSE);
}

export function and(left: Truth, right: Truth): Truth {
  if (left === FALSE || right === FALSE) return FALSE;
  if (left === EMPTY || right === EMPTY) return EMPTY;
  return left === UNKNOWN || right === UNKNOWN ? UNKNOWN : TRUE;
}

export function or(left: Truth, right: Truth): Truth {
  if (left === TRUE || right === TRUE) return TRUE;
  if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
  return left === EMPTY || right === EMPTY ? EMPTY : FALSE;
}

export function xor(left: Truth, right: Truth): Truth {
  return equal(left, right) === TRUE ? FALSE : not(equal(left, right));
}

/** A premise that is not known to be met asks for nothing. */
export function implies(left: Truth, right: Truth): Truth {
  if (left === FALSE || right === TRUE) return TRUE;
  return left === TRUE ? right : UNKNOWN;
}

export function equal(left: Truth, right: Truth): Truth {
  if (left > TRUE) return left;
  return right > TRUE ? right : truth(left === right);
}
