import type { IndexValue } from '../../search/index-values.js';
import { double } from './double.js';
import type { IndexRow } from './index-tables.js';
import { codeKey, foldedCodeKey, stringKey, uriKey } from './keys.js';
import { referenceTarget, type TargetNames } from './reference-target.js';

interface Component {
  readonly text: string;
  readonly system: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly unit: string | null;
  readonly printed: string | null;
  readonly folded: boolean;
}

export interface ComponentNames extends TargetNames {
  system(uri: string): number;
}

/**
 * What a composite value puts into its row. By the type of component N:
 *
 * | type | textN | systemN | valueN, lowN, highN | unitN, printedN |
 * |---|---|---|---|---|
 * | token | `codeKey`, folded where bit N − 1 of `folded` is set | system's number | | |
 * | string | `stringKey` of the normalized text | 0 | | |
 * | date | '' | 0 | low, low, high in ms | |
 * | number, quantity | '' | system's number | value and its bounds | code ('' = none), printed unit (`codeKey`) |
 * | reference | target id or `uriKey` | target type's number, 0 for a URL | | |
 * | uri | `uriKey` | 0 | | |
 *
 * `value2` is 0 where component 2 has no number, so that it can stand in the key. R4 has no composite of more
 * than three components; what comes behind the third is not indexed.
 */
export function compositeRow(
  components: readonly IndexValue[],
  names: ComponentNames,
): { readonly text1: string; readonly text2: string; readonly value2: number; readonly rest: IndexRow } {
  const [first = absent, second = absent, third] = components
    .slice(0, 3)
    .map((value) => componentOf(value, names));
  const last = third ?? absent;
  const folded = Number(first.folded) + 2 * Number(second.folded) + 4 * Number(last.folded);
  return {
    text1: first.text,
    text2: second.text,
    value2: second.value ?? 0,
    rest: [
      folded,
      first.value,
      ...boundsOf(first),
      ...boundsOf(second),
      third === undefined ? null : last.text,
      last.value,
      ...boundsOf(last),
      first.printed,
      second.printed,
      last.printed,
    ],
  };
}

function boundsOf({ system, low, high, unit }: Component): IndexRow {
  return [system, low, high, unit];
}

const absent: Component = {
  text: '',
  system: 0,
  value: null,
  low: null,
  high: null,
  unit: null,
  printed: null,
  folded: false,
};

function componentOf(value: IndexValue, names: ComponentNames): Component {
  switch (value.type) {
    case 'token': {
      const system = value.system === null ? 0 : names.system(value.system);
      const code = value.code ?? '';
      const text = value.caseSensitive ? codeKey(code) : foldedCodeKey(code);
      return { ...absent, text, system, folded: !value.caseSensitive };
    }
    case 'string':
      return { ...absent, text: stringKey(value.normalized) };
    case 'date':
      return { ...absent, value: value.low, low: value.low, high: value.high };
    case 'number':
      return { ...absent, ...numbersOf(value) };
    case 'quantity': {
      const system = value.system === null ? 0 : names.system(value.system);
      const printed = value.unit === null ? null : codeKey(value.unit);
      return { ...absent, ...numbersOf(value), system, unit: codeKey(value.code ?? ''), printed };
    }
    case 'reference': {
      const { key, type } = referenceTarget(value, names);
      return { ...absent, text: key, system: type };
    }
    case 'uri':
      return { ...absent, text: uriKey(value.uri) };
    case 'position':
    case 'term':
      return absent;
  }
}

function numbersOf(value: { readonly value: number; readonly low: number; readonly high: number }) {
  return { value: double(value.value), low: double(value.low), high: double(value.high) };
}
