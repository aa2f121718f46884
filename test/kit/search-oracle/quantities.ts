import { UcumLhcUtils } from '@lhncbc/ucum-lhc';
import { amountPasses, comparedAmount, rangeAmount, type Amount } from './decimals.js';
import type { Element } from './elements.js';
import { fieldsAt, numberAt, textAt } from './json.js';
import { prefixed, splitAt, unescape } from './query-text.js';

interface Measure {
  readonly amount: Amount;
  readonly system: string | undefined;
  readonly code: string | undefined;
  readonly unit: string | undefined;
}

const ucum = 'http://unitsofmeasure.org';
const converter = UcumLhcUtils.getInstance();

function withUnit(amount: Amount | undefined, owner: unknown): Measure[] {
  if (amount === undefined) return [];
  const [system, code, unit] = ['system', 'code', 'unit'].map((key) => textAt(owner, key));
  return [{ amount, system, code, unit }];
}

/** The measures of an element of a quantity parameter. */
function measuresOf({ type, value }: Element): Measure[] {
  if (type === 'Money') {
    const currency = textAt(value, 'currency');
    const system = currency === undefined ? undefined : 'urn:iso:std:iso:4217';
    const [money] = withUnit(comparedAmount(value), value);
    return money === undefined ? [] : [{ ...money, system, code: currency }];
  }
  if (type !== 'Range') return withUnit(comparedAmount(value), value);
  const [low, high] = [fieldsAt(value, 'low'), fieldsAt(value, 'high')];
  const both = [low, high].filter((end) => numberAt(end, 'value') !== undefined);
  const units = new Set(both.map((end) => JSON.stringify([end.system, end.code ?? end.unit])));
  return units.size > 1 ? [] : withUnit(rangeAmount(value), both[0]);
}

export function hasMeasure(element: Element): boolean {
  return measuresOf(element).length > 0;
}

/** Numbers that an element is sorted by. */
export function numbersOf(element: Element): number[] {
  return measuresOf(element).map(({ amount }) => amount.value);
}

/** A number in another unit, to 12 digits; undefined: the units don't measure the same. */
function converted(value: number, from: string, to: string): number | undefined {
  const { status, toVal } = converter.convertUnitTo(from, value, to);
  return status === 'succeeded' && typeof toVal === 'number' ? Number(toVal.toPrecision(12)) : undefined;
}

/**
 * `[prefix][number]|[system]|[code]`; with units of UCUM whatever it was measured in.
 * Source: FHIR R4 search.html#quantity.
 */
export function quantityPasses(element: Element, text: string): boolean {
  const [number = '', system = '', code = ''] = splitAt(text, '|').map(unescape);
  const { prefix, rest } = prefixed(number);
  return measuresOf(element).some((measure) => {
    const amount = inUnit(measure, system, code);
    return amount !== undefined && amountPasses(prefix, rest, amount);
  });
}

function inUnit(measure: Measure, system: string, code: string): Amount | undefined {
  const { amount } = measure;
  if (system === '') return code === '' || [measure.code, measure.unit].includes(code) ? amount : undefined;
  if (system !== measure.system) return undefined;
  if (code === '' || measure.code === code) return amount;
  if (system !== ucum || measure.code === undefined) return undefined;
  const value = converted(amount.value, measure.code, code);
  return value === undefined ? undefined : { ...amount, value };
}
