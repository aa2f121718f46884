import { conversionOf, UCUM } from './ucum.js';

/** A number with its bounds, in the base units of UCUM. */
export interface CanonicalQuantity {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** As `UnitConversion.code`. */
  readonly code: string;
}

interface Measured {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly system: string | null | undefined;
  readonly code: string | null | undefined;
}

/** Beyond this an end of a range is open. */
const OPEN = 1e308;
/** More than that is the noise of conversions, which would part 5.35 mg from 0.00535 g. */
const DIGITS = 12;

/**
 * A quantity in base units, so that what was measured in different units can be compared. Undefined where the
 * unit is no UCUM unit that can be converted, or the number has no place in base units.
 *
 * Source: FHIR R4 search.html#quantity.
 *
 * @example canonicalQuantity({ value: 5.4, low: 5.35, high: 5.45, system: UCUM, code: 'mg' })
 *   // { value: 0.0054, low: 0.00535, high: 0.00545, code: 'g' }
 */
export function canonicalQuantity({
  value,
  low,
  high,
  system,
  code,
}: Measured): CanonicalQuantity | undefined {
  if (system !== UCUM || typeof code !== 'string') return undefined;
  const conversion = conversionOf(code);
  if (conversion === undefined) return undefined;
  const convert = (number: number): number =>
    Math.abs(number) >= OPEN ? number : rounded(number * conversion.factor + conversion.offset);
  const converted = { value: convert(value), low: convert(low), high: convert(high), code: conversion.code };
  const isInside =
    Math.abs(converted.value) < OPEN && Number.isFinite(converted.low) && Number.isFinite(converted.high);
  return isInside ? converted : undefined;
}

function rounded(number: number): number {
  return Number(number.toPrecision(DIGITS)) + 0;
}
