import { createRequire } from 'node:module';

/** The system of UCUM codes. */
export const UCUM = 'http://unitsofmeasure.org';

/** How numbers in a unit become numbers in its base units: `number * factor + offset`. */
export interface UnitConversion {
  /** Base units with their exponents in a fixed order, `g.m-3`; `1` for what has no dimension. */
  readonly code: string;
  readonly factor: number;
  /** Of units of temperature. */
  readonly offset: number;
}

/** What is used of the library, which comes without declarations. */
interface UcumLibrary {
  readonly UcumLhcUtils: {
    getInstance(): {
      convertToBaseUnits(unit: string, value: number): BaseUnits;
    };
  };
}

interface BaseUnits {
  readonly status: string;
  readonly magnitude?: number | null;
  readonly unitToExp?: Readonly<Record<string, number>>;
  readonly fromUnitIsSpecial?: boolean;
}

/** Parsing a unit takes the library 0.05 to 10 ms, finding it here well below a microsecond. */
const known = new Map<string, UnitConversion | null>();
const MAX_KNOWN = 2000;
const MAX_LENGTH = 64;
/** Outside of annotations; the library takes other characters for typing errors, which it reports on the console. */
const CHARACTERS = /^[A-Za-z0-9%*'"[\]()./+_^-]*$/;
const ANNOTATION = /\{[!-z|~]*\}/g;

/** Undefined for what is no UCUM unit, arbitrary units such as `[IU]`, and those on a curve, such as `[pH]`. */
export function conversionOf(code: string): UnitConversion | undefined {
  if (code.length > MAX_LENGTH) return undefined;
  const found = known.get(code);
  if (found !== undefined) return found ?? undefined;
  const conversion = convert(code);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(code, conversion ?? null);
  return conversion;
}

function convert(code: string): UnitConversion | undefined {
  const plain = code.replace(ANNOTATION, '');
  if (code === '' || !CHARACTERS.test(plain)) return undefined;
  const one = magnitude(code, 1);
  if (one === undefined) return undefined;
  const unit = Object.entries(one.exponents)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, exponent]) => (exponent === 1 ? name : `${name}${exponent}`))
    .join('.');
  const line = one.isSpecial ? lineOf(code) : { factor: one.value, offset: 0 };
  if (line === undefined || !isUsable(line.factor)) return undefined;
  return { code: unit === '' ? '1' : unit, ...line };
}

/** Of a special unit: temperatures lie on a line, logarithms don't. */
function lineOf(code: string): { readonly factor: number; readonly offset: number } | undefined {
  const [zero, hundred, thousand] = [0, 100, 1000].map((value) => magnitude(code, value)?.value);
  if (zero === undefined || hundred === undefined || thousand === undefined) return undefined;
  const factor = (thousand - zero) / 1000;
  const isLine = Math.abs(zero + 100 * factor - hundred) <= 1e-9 * Math.abs(hundred);
  return isLine ? { factor, offset: zero } : undefined;
}

const isUsable = (factor: number): boolean => factor > 1e-100 && factor < 1e100;

let library: ReturnType<UcumLibrary['UcumLhcUtils']['getInstance']> | undefined;

function magnitude(code: string, value: number) {
  // Loaded with the first quantity: 80 ms and 12 MiB that a start need not wait for.
  library ??= (createRequire(import.meta.url)('@lhncbc/ucum-lhc') as UcumLibrary).UcumLhcUtils.getInstance();
  const base = library.convertToBaseUnits(code, value);
  if (base.status !== 'succeeded' || typeof base.magnitude !== 'number' || !Number.isFinite(base.magnitude)) {
    return undefined;
  }
  return {
    value: base.magnitude,
    exponents: base.unitToExp ?? {},
    isSpecial: base.fromUnitIsSpecial === true,
  };
}
