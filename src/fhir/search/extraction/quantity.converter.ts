import type { QuantityValue } from '../index-values.js';
import { canonicalQuantity } from '../units/canonical-quantity.js';
import type { CanonicalQuantity } from '../units/canonical-quantity.js';
import { UCUM } from '../units/ucum.js';
import type { DecimalRange } from './decimal-range.js';
import { boundsOf, numberAt } from './number.converter.js';
import { isFields, textOf } from './visit.js';
import type { Fields, Run, Target, Visit } from './visit.js';

const CURRENCIES = 'urn:iso:std:iso:4217';

function push(range: DecimalRange | undefined, unit: Fields, run: Run): void {
  if (range) run.values.push(quantityOf(range, unit, run));
}

// Member by member: a spread costs more than all the rest of an extraction.
function quantityOf({ value, low, high }: DecimalRange, unit: Fields, run: Run): QuantityValue {
  const system = textOf(unit, 'system');
  const code = textOf(unit, 'code');
  const canonical = canonicalOf({ value, low, high, system, code }, run);
  const quantity = { type: 'quantity', value, low, high, system, code, unit: textOf(unit, 'unit') } as const;
  return canonical === undefined ? quantity : Object.assign(quantity, { canonical });
}

/** Different units of a resource that are converted: a resource made of nothing else would hold up all others. */
const MAX_UNITS = 64;

function canonicalOf(
  quantity: DecimalRange & { readonly system: string | null; readonly code: string | null },
  { units }: Run,
): CanonicalQuantity | undefined {
  const { system, code } = quantity;
  if (system !== UCUM || code === null) return undefined;
  if (!units.has(code)) {
    if (units.size >= MAX_UNITS) return undefined;
    units.add(code);
  }
  return canonicalQuantity(quantity);
}

/** `<5` reaches down from 5 without end, `>=5` up from the low end of 5. */
function compared(range: DecimalRange, comparator: unknown): DecimalRange {
  const { value, low, high } = range;
  switch (comparator) {
    case '<':
      return { value, low: -Number.MAX_VALUE, high: value };
    case '<=':
      return { value, low: -Number.MAX_VALUE, high };
    case '>':
      return { value, low: value, high: Number.MAX_VALUE };
    case '>=':
      return { value, low, high: Number.MAX_VALUE };
    default:
      return range;
  }
}

const visitQuantity: Visit = (value, _owner, _key, run) => {
  if (!isFields(value)) return;
  // Several parameters and their composites want the same elements.
  const known = run.quantities.get(value);
  if (known !== undefined) {
    run.values.push(known);
    return;
  }
  const range = numberAt(value, 'value', run);
  if (!range) return;
  const quantity = quantityOf(compared(range, value.comparator), value, run);
  run.quantities.set(value, quantity);
  run.values.push(quantity);
};

const visitMoney: Visit = (value, _owner, _key, run) => {
  if (!isFields(value)) return;
  const range = numberAt(value, 'value', run);
  if (!range) return;
  const code = textOf(value, 'currency');
  run.values.push({
    type: 'quantity',
    ...range,
    system: code === null ? null : CURRENCIES,
    code,
    unit: null,
  });
};

/** By code where there is one; the unit is what people read. */
function sameUnit(a: Fields, b: Fields): boolean {
  const code = textOf(a, 'code');
  if (code === null && textOf(b, 'code') === null) return textOf(a, 'unit') === textOf(b, 'unit');
  return code === textOf(b, 'code') && textOf(a, 'system') === textOf(b, 'system');
}

/** Ends in different units span nothing that could be compared without converting them. */
const visitRange: Visit = (value, _owner, _key, run) => {
  if (!isFields(value)) return;
  const { low, high } = value;
  if (isFields(low) && isFields(high) && !sameUnit(low, high)) return;
  const unit = isFields(low) ? low : high;
  if (isFields(unit)) push(boundsOf(value, run), unit, run);
};

const SAMPLE = /[^\s]+/g;

/** The bounds of the samples; E (error) and the limits U and L, which give no number, are left out. */
function samplesOf(data: string, factor: number, origin: number): DecimalRange | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const [sample] of data.matchAll(SAMPLE)) {
    const number = Number(sample);
    if (!Number.isFinite(number)) continue;
    low = Math.min(low, number * factor + origin);
    high = Math.max(high, number * factor + origin);
  }
  return Number.isFinite(low) && Number.isFinite(high) ? { value: low / 2 + high / 2, low, high } : undefined;
}

const visitSampledData: Visit = (value, _owner, _key, run) => {
  if (!isFields(value) || !isFields(value.origin)) return;
  const origin = numberAt(value.origin, 'value', run)?.value;
  const factor = value.factor === undefined ? 1 : numberAt(value, 'factor', run)?.value;
  const data = textOf(value, 'data');
  if (origin === undefined || factor === undefined || data === null) return;
  push(samplesOf(data, factor, origin), value.origin, run);
};

/** Index values of quantity parameters. Source: FHIR R4 search.html#quantity. */
export function quantityConverter(target: Target): Visit | undefined {
  switch (target.type.code) {
    case 'Quantity':
    case 'Age':
    case 'Count':
    case 'Distance':
    case 'Duration':
      return visitQuantity;
    case 'Money':
      return visitMoney;
    case 'Range':
      return visitRange;
    case 'SampledData':
      return visitSampledData;
    default:
      return undefined;
  }
}
