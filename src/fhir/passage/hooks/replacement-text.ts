import type { JsonObject, ParsedResource } from '../../format/parsed-resource.js';

const maximumDepth = 64;

/**
 * The JSON text of what a hook made of a resource. Decimals that the hook left alone keep the digits that the
 * client sent: those of an object that was taken over are known by the object, those of a copy by their place.
 *
 * @throws Error for what isn't JSON: functions, NaN, cycles
 */
export function replacementText(replacement: JsonObject, original: ParsedResource): Buffer {
  return Buffer.from(new Writer(original.decimalText).text(replacement, original.object, 0));
}

class Writer {
  constructor(private readonly decimalText: ParsedResource['decimalText']) {}

  /** @param counterpart what stands at the same place in the original */
  text(value: unknown, counterpart: unknown, depth: number): string {
    if (depth > maximumDepth) throw new Error(`The replacement has more than ${maximumDepth} levels.`);
    if (Array.isArray(value)) {
      const items = value.map((item: unknown, index) => this.member(value, index, item, counterpart, depth));
      return `[${items.join(',')}]`;
    }
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(
          ([key, member]) => `${JSON.stringify(key)}:${this.member(value, key, member, counterpart, depth)}`,
        );
      return `{${members.join(',')}}`;
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null)
      return JSON.stringify(value);
    throw new Error(`The replacement holds a ${typeof value}, which JSON can't express.`);
  }

  private member(
    owner: object,
    key: string | number,
    value: unknown,
    counterpart: unknown,
    depth: number,
  ): string {
    const other: unknown = isObject(counterpart) ? (counterpart as Record<string, unknown>)[key] : undefined;
    if (typeof value !== 'number') return this.text(value, other, depth + 1);
    if (!Number.isFinite(value)) throw new Error(`The replacement holds ${value}, which JSON can't express.`);
    const own = this.decimalText(owner, key);
    if (own !== undefined && Number(own) === value) return own;
    const spelling =
      other === value && isObject(counterpart) ? this.decimalText(counterpart, key) : undefined;
    return spelling ?? JSON.stringify(value);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Makes an object and all within it unchangeable. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
