import type { ElementDefinition, ElementType } from '../../definitions/index.js';
import type { CompositeValue, IndexValue, QuantityValue } from '../index-values.js';
import type { ExtractionContext } from './extraction-context.js';

/** One extraction. `values` collects those of the parameter, or component, at hand. */
export interface Run {
  readonly context: ExtractionContext;
  /** What `%resource` stands for. */
  readonly resource: unknown;
  values: (IndexValue | CompositeValue)[];
  /** UCUM codes met so far that are converted; the first of a resource only, since each new one takes time. */
  readonly units: Set<string>;
  /** Values of the quantities met so far. */
  readonly quantities: Map<Fields, QuantityValue>;
}

/**
 * A compiled step: takes a value of any shape, for a resource may be malformed, with the object that holds it
 * and the property under which it does, and hands what it finds to the next step. Never throws.
 */
export type Visit = (value: unknown, owner: object, key: string | number, run: Run) => void;

/** The static type of a step: what the definitions say about the values that arrive there. */
export interface Target {
  readonly type: ElementType;
  /** Null at the root. */
  readonly element: ElementDefinition | null;
}

/** An object of the resource; arrays are none, for a step goes into arrays only where it reads a property. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string at a property; null where there is none or it is empty. */
export function textOf(fields: Fields, property: string): string | null {
  const value = fields[property];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The items of a list; a single value counts as a list of one, an absent one as an empty list. */
export function itemsOf(fields: Fields, property: string): readonly unknown[] {
  const value = fields[property];
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}
