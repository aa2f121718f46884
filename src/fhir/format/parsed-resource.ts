import { duplicateKey, forbiddenKey } from './json-errors.js';
import type { NumberPlace } from './json-reader.js';
import type { ResourceText } from './resource-text.js';

/** A parsed JSON object; its members are whatever the text had. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A resource as an object, and how the text spells the decimals that an object can't keep. */
export interface ParsedResource {
  readonly object: JsonObject;
  /** Undefined where the number is written as JavaScript writes it. */
  readonly decimalText: (owner: object, key: string | number) => string | undefined;
}

/**
 * Parses a resource and makes certain that what is parsed is what is stored: a key that stands twice would be
 * one member in the object and two in the text.
 *
 * @throws FirekeepError `FHIR_DUPLICATE_KEY`, `FHIR_FORBIDDEN_KEY`
 */
export function parseResource(resource: ResourceText): ParsedResource {
  const object = JSON.parse(resource.text.toString('utf8')) as JsonObject;
  const walk = new Walk(resource.unusualNumbers);
  walk.visit(object);
  if (walk.members !== resource.members) throw duplicateKey();
  const { spellings } = walk;
  return { object, decimalText: (owner, key) => spellings.get(owner)?.get(key) };
}

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Visits values in the order of the text, which objects keep for every key but whole numbers. */
class Walk {
  members = 0;
  readonly spellings = new Map<object, Map<string | number, string>>();
  private numbers = 0;
  private next = 0;

  constructor(private readonly unusual: readonly NumberPlace[]) {}

  visit(value: object): void {
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) this.member(value, index, value[index]);
      return;
    }
    for (const key of Object.keys(value)) {
      const first = key.charCodeAt(0);
      if (forbiddenKeys.has(key) || (first >= 0x30 && first <= 0x39)) throw forbiddenKey(key.slice(0, 64));
      this.members++;
      this.member(value, key, (value as JsonObject)[key]);
    }
  }

  private member(owner: object, key: string | number, value: unknown): void {
    if (typeof value === 'object' && value !== null) this.visit(value);
    else if (typeof value === 'number') this.number(owner, key);
  }

  private number(owner: object, key: string | number): void {
    const place = this.unusual[this.next];
    if (place?.ordinal === this.numbers++) {
      this.next++;
      let spellings = this.spellings.get(owner);
      if (spellings === undefined)
        this.spellings.set(owner, (spellings = new Map<string | number, string>()));
      spellings.set(key, place.lexeme);
    }
  }
}
