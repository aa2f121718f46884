import { createHash } from 'node:crypto';
import { FirekeepError } from '../../platform/errors/index.js';

/** A file of the theme as it is served. */
export interface ThemeFile {
  readonly content: Buffer;
  readonly mediaType: string;
  /** Changes with the content. */
  readonly version: string;
}

export type ThemeFileKind = 'logo' | 'stylesheet' | 'smart-style';

/** Bytes. */
export const largestThemeFile: Readonly<Record<ThemeFileKind, number>> = {
  logo: 256 * 1024,
  stylesheet: 64 * 1024,
  'smart-style': 16 * 1024,
};

/** @throws FirekeepError 400 `OAUTH2_THEME_INVALID` where the content is not what it should be */
export function themeFile(kind: ThemeFileKind, content: Buffer): ThemeFile {
  if (content.length > largestThemeFile[kind]) {
    throw invalidTheme(`it is larger than ${largestThemeFile[kind] / 1024} KiB`);
  }
  const mediaType = { logo: imageType, stylesheet: styleType, 'smart-style': smartStyleType }[kind](content);
  const version = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return { content, mediaType, version };
}

export function invalidTheme(problem: string): FirekeepError {
  return new FirekeepError('invalid', 'OAUTH2_THEME_INVALID', problem);
}

/** By the first bytes, since names and headers may say anything. */
function imageType(content: Buffer): string {
  const head = content.subarray(0, 12).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp';
  if (/^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[^>]*-->\s*)*<svg[\s>]/.test(textOf(content))) return 'image/svg+xml';
  throw invalidTheme('it is no PNG, JPEG, WebP or SVG');
}

function styleType(content: Buffer): string {
  textOf(content);
  return 'text/css; charset=utf-8';
}

/** https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#styling */
function smartStyleType(content: Buffer): string {
  let style: unknown;
  try {
    style = JSON.parse(textOf(content));
  } catch (cause) {
    throw cause instanceof FirekeepError ? cause : invalidTheme('it is no well-formed JSON');
  }
  const isObject = typeof style === 'object' && style !== null && !Array.isArray(style);
  if (!isObject || Object.values(style as object).some((value) => typeof value !== 'string')) {
    throw invalidTheme('it must be a JSON object whose members are texts, such as color_background');
  }
  return 'application/json; charset=utf-8';
}

function textOf(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw invalidTheme('it is no UTF-8 text');
  }
}
