import { readFileSync, statSync } from 'node:fs';
import {
  invalidTheme,
  largestThemeFile,
  themeFile,
  type ThemeFile,
  type ThemeFileKind,
} from './theme-file.js';

/** Milliseconds. */
const longestFetch = 5_000;

/** @throws FirekeepError 400 `OAUTH2_THEME_INVALID` */
export function readThemeFile(kind: ThemeFileKind, path: string): ThemeFile {
  try {
    const { size } = statSync(path);
    if (size > largestThemeFile[kind]) return themeFile(kind, Buffer.alloc(size));
    return themeFile(kind, readFileSync(path));
  } catch (error) {
    throw describedAs(`${path}: `, error);
  }
}

/** From an address that the administrator gave: no redirect, and never more than the file may have. */
export async function fetchThemeFile(kind: ThemeFileKind, url: string): Promise<ThemeFile> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(longestFetch) });
    if (response.status !== 200 || response.body === null) {
      throw invalidTheme(`it was answered with ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > largestThemeFile[kind]) break;
    }
    return themeFile(kind, Buffer.concat(chunks));
  } catch (error) {
    throw describedAs(`${url}: `, error);
  }
}

function describedAs(place: string, error: unknown): Error {
  return invalidTheme(place + (error instanceof Error ? error.message : String(error)));
}
