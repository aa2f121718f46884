import { Markup, markup } from './markup.js';
import type { TextKey, TextsOfLanguage } from './en.js';

type Value = string | number | Markup;
export type TextParameters = Readonly<Record<string, Value>>;

/** The words of the pages in one language. */
export class Texts {
  /** @param language tag of BCP 47, as in the attribute `lang` */
  constructor(
    readonly language: string,
    private readonly texts: TextsOfLanguage,
  ) {}

  /** For a page: the text and its values are escaped, save values that are markup. */
  say(key: TextKey, parameters: TextParameters = {}): Markup {
    const parts = this.texts[key].split(/\{(\w+)\}/);
    return markup`${parts.map((part, index) => markup`${index % 2 === 0 ? part : parameters[part]}`)}`;
  }

  /** For titles: text alone. */
  plain(key: TextKey, parameters: Readonly<Record<string, string | number>> = {}): string {
    return this.texts[key].replaceAll(/\{(\w+)\}/g, (_all, name: string) => String(parameters[name] ?? ''));
  }

  /** A key that is made of a value; undefined: there is no text for it. */
  find(key: string): TextKey | undefined {
    return Object.hasOwn(this.texts, key) ? (key as TextKey) : undefined;
  }

  /** A code in words; itself where it has none. */
  nameOf(group: 'category' | 'gender' | 'status', code: string): string {
    const key = this.find(`${group}.${code}`);
    return key === undefined ? code : this.plain(key);
  }

  /** `45 seconds`, `3 minutes` */
  duration(seconds: number): string {
    const [amount, unit] = seconds < 90 ? [seconds, 'second'] : [seconds / 60, 'minute'];
    return new Intl.NumberFormat(this.language, { style: 'unit', unit, unitDisplay: 'long' }).format(
      Math.max(1, Math.ceil(amount)),
    );
  }

  /** `Nov 25, 2026, 17:05 UTC`. @param time milliseconds since the epoch */
  moment(time: number, timeZone: string): string {
    return new Intl.DateTimeFormat(this.language, {
      ...({ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const),
      ...({ hourCycle: 'h23', timeZone, timeZoneName: 'short' } as const),
    }).format(time);
  }

  /** `read, search, and change` */
  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.language, { type: 'conjunction' }).format(items);
  }
}
