import { FirekeepError } from '../../platform/errors/index.js';

/** The ETag of a version. Source: FHIR R4 http.html#versioning. */
export function entityTag(version: number): string {
  return `W/"${version}"`;
}

/** What `If-Match` or `If-None-Match` name: any version, or these. A tag of another form matches none. */
export type EntityTags = '*' | ReadonlySet<string>;

const list = /^\s*(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*\s*$/;

/**
 * Reads an entity tag list (RFC 9110 section 8.8.3). Strong tags are taken as weak ones: clients leave `W/` out.
 *
 * @throws FirekeepError `FHIR_INVALID_ENTITY_TAG`
 */
export function parseEntityTags(header: string, value: string): EntityTags {
  if (value.trim() === '*') return '*';
  if (value.length > 2_000 || !list.test(value)) {
    throw new FirekeepError(
      'invalid',
      'FHIR_INVALID_ENTITY_TAG',
      `${header} must be an entity tag such as W/"3", as the ETag header of an answer gave it.`,
    );
  }
  return new Set([...value.matchAll(/"([^"]*)"/g)].map(([, tag = '']) => tag));
}

export function matchesVersion(tags: EntityTags, version: number): boolean {
  return tags === '*' || tags.has(String(version));
}

/** Milliseconds of an HTTP date; undefined: not one, which RFC 9110 section 13.1.3 says to ignore. */
export function parseHttpDate(value: string): number | undefined {
  const time = value.length > 64 ? Number.NaN : Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

let formattedSecond = -1;
let formatted = '';

/** HTTP date of a time in milliseconds. */
export function httpDate(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== formattedSecond) {
    formattedSecond = second;
    formatted = new Date(time).toUTCString();
  }
  return formatted;
}
