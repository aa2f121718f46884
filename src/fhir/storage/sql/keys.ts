import { createHash } from 'node:crypto';
import type { Dialect, SqlSession } from '../../../platform/database/index.js';

/**
 * The contract between what writes the tables and what searches them: table names, limits and key encodings.
 * The columns stand in migration 1764000002000-fhir-store.ts, the reasons in docs/adr/0004.
 *
 * Keys are strings everywhere. MySQL keeps them as VARBINARY, SQLite as TEXT with the BINARY collation: both
 * compare the UTF-8 bytes, without padding, so equality and order are the same on both. MySQL hands such a
 * column back as a Buffer: read it with `keyText`.
 */
export const tables = {
  /** rid · repository, type, id · version, last_updated (ms), deleted (0/1), method, content. Current rows. */
  resource: 'resource',
  /** rid, version · repository, type, last_updated, deleted, method, content. Superseded versions. */
  history: 'resource_history',
  /**
   * param, code (`codeKey`, '' = no code), rid, system_id (0 = no system), folded (1 = matched ignoring case:
   * `code` is lower-cased).
   */
  token: 'index_token',
  /**
   * param, value (`stringKey` of the normalized text), rid, nth · exact (`stringText` of what is written), rest
   * (`stringText` of the normalized text where it is longer than its key, else null).
   */
  string: 'index_string',
  /** param, low, rid, high: every date and period, in ms, both ends inclusive. */
  date: 'index_date',
  /** param, high, rid, low: the rows of `index_date` that `isLongPeriod`, once more, by their end. */
  longDate: 'index_date_long',
  /**
   * param, value, rid, nth · low, high (implicit precision), system_id, code (`codeKey`, '' = none), unit
   * (`codeKey`, '' = none). Numbers too: system 0, no code, no unit.
   */
  quantity: 'index_quantity',
  /**
   * param, target, rid, target_type, version. Local: target = id, target_type = its type's number. Else target
   * = `uriKey(url)`, target_type = 0. version: of the reference or canonical (`codeKey`), '' = none.
   */
  reference: 'index_reference',
  /** param, value (`uriKey`), rid. */
  uri: 'index_uri',
  /**
   * One row a composite value: param, text1, text2, value2, rid, nth · for component 1 … 3: textN, systemN,
   * valueN, lowN, highN, unitN, printedN. See `composite-rows.ts` for what each type of component fills in.
   */
  composite: 'index_composite',
  /** param, latitude, rid, longitude (degrees) · x, y, z (`unitVector` of the two). */
  position: 'index_position',
  /** param (of `_content`), term, rid · narrative (1: a term of the narrative). */
  term: 'index_term',
  repository: 'fhir_repository',
  type: 'fhir_type',
  parameter: 'fhir_parameter',
  system: 'fhir_system',
  ridBlock: 'fhir_rid_block',
  guard: 'fhir_criterion_guard',
  /** receipt_key · request, expires (ms), answer. What repeated requests are answered from. */
  receipt: 'fhir_receipt',
  /** type, code (names) · digest, state, active (0/1). Search parameters of extensions, retired ones too. */
  searchCoverage: 'fhir_search_coverage',
  /** id = 1 · version. Grows whenever what repositories are indexed by changes. */
  definitions: 'fhir_definitions',
  /**
   * repository (number), type, code (names) · resource (id of the SearchParameter), digest, definition (JSON), state,
   * skipped (0/1), since (version of the definitions that it came with).
   */
  searchParameter: 'fhir_search_parameter',
  /** id · repository (number, null: all), scope (JSON), status, progress, owner and its lease (ms). */
  reindexJob: 'fhir_reindex_job',
  /** job, rid · resource (`Patient/17`), reason. */
  reindexSkipped: 'fhir_reindex_skipped',
} as const;

/** Names of unique and secondary keys, for index hints. */
export const keys = {
  /** UNIQUE(repository, type, id) */
  resourceIdentity: 'resource_identity',
  /** (repository, type, last_updated, rid, deleted): a walk in order needs no row of the table. */
  resourceUpdated: 'resource_updated',
  /** (repository, type, rid, deleted): the walk in the default order of a search. */
  resourceOrder: 'resource_order',
  /** (repository, type, last_updated, rid, version) of superseded versions. */
  historyUpdated: 'resource_history_updated',
  /** Each index table's key by resource. */
  byResource: (table: string): string => `${table}_rid`,
} as const;

/** Longest keys, in bytes. Four bytes of parameter, eight of rid and these stay far below InnoDB's 3,072. */
export const CODE_KEY_BYTES = 255;
export const STRING_KEY_BYTES = 255;
export const URI_KEY_BYTES = 512;

const DAY = 86_400_000;

/** Starts the digest inside a shortened key. No text of FHIR may hold the character. */
const DIGEST_MARK = '\u0001';

/** Key of a code, an identifier's value, a unit or a version: the text, or a prefix and a digest of a long one. */
export function codeKey(text: string): string {
  return digestKey(text, CODE_KEY_BYTES);
}

/** What a token matched without regard to case is stored under; `folded` is 1 in such a row. */
export function foldedCodeKey(text: string): string {
  return codeKey(text.toLowerCase());
}

/** Key of a URI or URL: as `codeKey`, with room enough that prefixes stay comparable. */
export function uriKey(uri: string): string {
  return digestKey(uri, URI_KEY_BYTES);
}

/** Key of a normalized string: its first bytes, cut between characters. `isWholeString` tells whether it is all. */
export function stringKey(normalized: string): string {
  return cut(wellFormed(normalized), STRING_KEY_BYTES);
}

/** Whether the key holds the whole text; where not, compare `rest` too. */
export function isWholeString(normalized: string): boolean {
  return fits(normalized, STRING_KEY_BYTES);
}

/** Longest text that a string row keeps beside its key, in bytes: more than the text of a search can have. */
export const STRING_TEXT_BYTES = 64 * 1024;

/** What a string row keeps of a text: all of it, save of the longest, since a statement has to hold it. */
export function stringText(text: string): string {
  return cut(wellFormed(text), STRING_TEXT_BYTES);
}

/**
 * The range of keys that start with a text: `key >= from AND key < to`. LIKE would ignore case on SQLite and
 * scan. `to` ends in the highest code point, which no text of FHIR holds.
 */
export function prefixRange(prefix: string): { readonly from: string; readonly to: string } {
  return { from: prefix, to: `${prefix}\u{10FFFF}` };
}

/**
 * Whether a period spans more than a day, and so also stands in `index_date_long`. Every other date reaches at
 * most a day beyond its start: `high >= X` is `low >= X − LONGEST_SHORT_DATE AND high >= X`, a bounded scan,
 * united with `high >= X` over `index_date_long`.
 */
export function isLongPeriod(low: number, high: number): boolean {
  return high - low > LONGEST_SHORT_DATE;
}

/** Milliseconds by which the end of a date in no long row lies behind its start, at most. */
export const LONGEST_SHORT_DATE = DAY;

/** A key, id or name as text: MySQL's VARBINARY comes as a Buffer, SQLite's TEXT as a string. */
export function keyText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : '';
}

/**
 * How a DOUBLE column is selected so that `Number(value)` is what was written: mysql2 loses the last digit of
 * one in a few hundred doubles when it reads them as numbers. The length is said, since a UNION or a sort would cut
 * the text at the 22 characters that MySQL takes a double to have: 1.0000000000000003e-15 is written with 33.
 */
export function exactDouble(dialect: Dialect, column: string): string {
  return dialect === 'mysql' ? `CAST(${column} AS CHAR(64))` : column;
}

/**
 * Numbers that stand for names in the tables. Undefined: no row uses the name yet, so nothing can match.
 * Looked up on the given session where not cached, so that nothing inside a transaction waits for another
 * connection.
 */
export interface InternedNames {
  repositoryId(session: SqlSession, name: string): Promise<number | undefined>;
  typeId(session: SqlSession, name: string): Promise<number | undefined>;
  /** @throws FirekeepError when no such number was given out. */
  typeName(session: SqlSession, id: number): Promise<string>;
  /** In the order of the names, by one statement. */
  typeIds(session: SqlSession, names: readonly string[]): Promise<readonly (number | undefined)[]>;
  /** In the order in which they are asked for, by one statement. */
  parameterIds(
    session: SqlSession,
    repository: number,
    parameters: readonly { readonly type: number; readonly code: string }[],
  ): Promise<readonly (number | undefined)[]>;
  systemId(session: SqlSession, uri: string): Promise<number | undefined>;
}

function digestKey(raw: string, limit: number): string {
  const text = wellFormed(raw);
  if (fits(text, limit)) return text;
  const digest = createHash('sha256').update(text).digest('base64url');
  return `${cut(text, limit - digest.length - DIGEST_MARK.length)}${DIGEST_MARK}${digest}`;
}

/** Half a surrogate pair becomes U+FFFD, as it does on its way to a database: else two keys would turn into one. */
function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString('utf8') : text;
}

/** Three bytes a UTF-16 unit is the most that UTF-8 takes. */
function fits(text: string, limit: number): boolean {
  return text.length * 3 <= limit || Buffer.byteLength(text) <= limit;
}

function cut(text: string, limit: number): string {
  if (fits(text, limit)) return text;
  const bytes = Buffer.from(text.slice(0, limit));
  let end = Math.min(limit, bytes.length);
  // 10xxxxxx continues a character: step back to where one starts.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
