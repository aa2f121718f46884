import { en } from './en.js';
import { ja } from './ja.js';
import { Texts } from './texts.js';

const english = new Texts('en', en);

/** A language more is a file here and a row in this table. Who says nothing reads English. */
export const languages: readonly Texts[] = [english, new Texts('ja', ja)];

const longest = 1000;

/**
 * The texts that a person reads: what the app says that they read (OpenID Connect's `ui_locales`), else what their
 * browser does. `ja-JP` is served by `ja`. https://www.rfc-editor.org/rfc/rfc4647#section-3.4
 */
export function textsFor(uiLocales: unknown, acceptLanguage: string | undefined): Texts {
  return firstOf(words(uiLocales, ' ')) ?? firstOf(ranked(acceptLanguage)) ?? english;
}

/** Keeps the language that was asked for in an address of ours, where there is one for it. */
export function inLanguage(address: string, uiLocales: unknown): string {
  const texts = firstOf(words(uiLocales, ' '));
  if (texts === undefined) return address;
  return `${address}${address.includes('?') ? '&' : '?'}ui_locales=${texts.language}`;
}

function firstOf(wishes: readonly string[]): Texts | undefined {
  for (const wish of wishes) {
    const primary = wish.split('-')[0]?.toLowerCase();
    const found = languages.find(({ language }) => language === primary);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** By `q`, the highest first; those with 0 are not wanted. */
function ranked(acceptLanguage: string | undefined): string[] {
  return words(acceptLanguage, ',')
    .map((item) => {
      const [tag = '', ...parameters] = item.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      const weight = q === undefined ? 1 : Number(q.slice(2));
      return { tag, weight: Number.isFinite(weight) ? weight : 0 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

function words(value: unknown, separator: string): string[] {
  if (typeof value !== 'string') return [];
  return value
    .slice(0, longest)
    .split(separator)
    .filter((word) => word !== '');
}
