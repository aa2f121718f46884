import { isUtf8 } from 'node:buffer';
import { duplicateKey, jsonTooLarge, malformedJson } from './json-errors.js';
import type { JsonLimits } from './json-limits.js';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Bytes from which on a copy by the runtime is faster than one byte by byte. */
const LONG = 96;
const IN_OBJECT = 1;
const IN_ARRAY = 2;

/** Bytes that may follow a backslash besides `u`. */
const escapes = new Set(Buffer.from('"\\/bfnrt'));
const hexDigit = /^[0-9a-fA-F]{4}$/;

/** A value's place in the compact text: from its first byte to behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A number that keeps its spelling: which of the text's numbers it is, counted from 0, and how it is written. */
export interface NumberPlace {
  readonly ordinal: number;
  readonly lexeme: string;
}

/**
 * Reads JSON (RFC 8259) from bytes in one pass, checks all of its grammar, and writes the same text without
 * insignificant white space. It hands out places in that text instead of values, so that numbers, escapes and
 * member order stay as they came. Objects are entered where the caller is interested and copied elsewhere.
 */
export class JsonReader {
  /** The compact text so far; `length` bytes of it are written. */
  readonly out: Buffer;
  length = 0;
  /** Members of all objects so far: compared with a parsed object's, it shows duplicate keys. */
  members = 0;
  /** Numbers that a JavaScript number would write otherwise (`1.00`, `1e2`), in order. */
  readonly unusualNumbers: NumberPlace[] = [];
  private numbers = 0;
  private at = 0;
  private readonly end: number;
  private depth = 0;
  private values = 0;
  private readonly stack: Uint8Array;

  /**
   * @param source UTF-8; a byte order mark at the start is left out
   * @throws FirekeepError `FHIR_MALFORMED_JSON` for bytes that aren't UTF-8
   */
  constructor(
    private readonly source: Buffer,
    private readonly limits: JsonLimits,
  ) {
    if (!isUtf8(source)) throw malformedJson('it is not UTF-8', firstBadByte(source));
    this.end = source.length;
    this.out = Buffer.allocUnsafe(source.length);
    this.stack = new Uint8Array(limits.depth + 1);
    if (source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf) this.at = 3;
  }

  /** First byte of the value that comes next, as a character; empty at the end. */
  peek(): string {
    this.skipSpace();
    return this.at < this.end ? String.fromCharCode(this.source[this.at] ?? 0) : '';
  }

  /** Refuses anything but white space behind the value that was read. */
  finish(): void {
    this.skipSpace();
    if (this.at < this.end) throw this.malformed('there is something behind the end');
  }

  /**
   * Enters the object that comes next. `onMember` must consume exactly one value, by any of this reader's
   * methods. The name is decoded; a name that comes twice is refused.
   */
  readObject(onMember: (name: string, nameStart: number) => void): Span {
    const start = this.enter(OPEN_BRACE, 'an object is expected', IN_OBJECT);
    const seen = new Set<string>();
    this.skipSpace();
    if (this.source[this.at] === CLOSE_BRACE) return this.leave(start);
    for (;;) {
      const nameStart = this.length;
      const name = this.readName();
      if (seen.has(name)) throw duplicateKey(name);
      seen.add(name);
      onMember(name, nameStart);
      if (!this.readSeparator(CLOSE_BRACE)) return this.leave(start);
    }
  }

  /** Enters the array that comes next; `onElement` must consume exactly one value. */
  readArray(onElement: (index: number) => void): Span {
    const start = this.enter(OPEN_BRACKET, 'an array is expected', IN_ARRAY);
    this.skipSpace();
    if (this.source[this.at] === CLOSE_BRACKET) return this.leave(start);
    for (let index = 0; ; index++) {
      onElement(index);
      if (!this.readSeparator(CLOSE_BRACKET)) return this.leave(start);
    }
  }

  /** Copies the value that comes next, whatever it is. */
  copyValue(): Span {
    const base = this.depth;
    this.skipSpace();
    const start = this.length;
    for (;;) {
      if (!this.openOrCopy()) continue;
      if (this.closeFinished(base)) return { start, end: this.length };
    }
  }

  /** Decoded text of a string in the compact text. */
  decode(span: Span): string {
    return decodeString(this.out, span);
  }

  /** @returns true when a whole value was written, false when a container was entered and its first value is next. */
  private openOrCopy(): boolean {
    this.skipSpace();
    const byte = this.source[this.at];
    if (byte === OPEN_BRACE) {
      this.push(IN_OBJECT, byte);
      this.skipSpace();
      if (this.source[this.at] === CLOSE_BRACE) {
        this.pop();
        return true;
      }
      this.copyName();
      return false;
    }
    if (byte === OPEN_BRACKET) {
      this.push(IN_ARRAY, byte);
      this.skipSpace();
      if (this.source[this.at] === CLOSE_BRACKET) {
        this.pop();
        return true;
      }
      return false;
    }
    this.count();
    if (byte === QUOTE) this.copyString();
    else this.copyLiteral(byte);
    return true;
  }

  /** Behind a value: ends the containers that end here. @returns whether the outermost value is complete. */
  private closeFinished(base: number): boolean {
    while (this.depth > base) {
      const inObject = this.stack[this.depth - 1] === IN_OBJECT;
      if (this.readSeparator(inObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        if (inObject) this.copyName();
        return false;
      }
      this.pop();
    }
    return true;
  }

  private enter(byte: number, expectation: string, kind: number): number {
    this.skipSpace();
    if (this.source[this.at] !== byte) throw this.malformedOrWrong(expectation);
    const start = this.length;
    this.push(kind, byte);
    return start;
  }

  private leave(start: number): Span {
    this.pop();
    return { start, end: this.length };
  }

  private push(kind: number, byte: number): void {
    this.count();
    if (this.depth >= this.limits.depth) {
      throw jsonTooLarge(`more than ${this.limits.depth} levels of objects and arrays inside one another`);
    }
    this.stack[this.depth++] = kind;
    this.out[this.length++] = byte;
    this.at++;
  }

  /** Takes the closing byte, which the caller has seen. */
  private pop(): void {
    this.depth--;
    this.out[this.length++] = this.source[this.at++] ?? 0;
  }

  private count(): void {
    if (++this.values > this.limits.values) throw jsonTooLarge(`more than ${this.limits.values} values`);
  }

  /** Consumes a comma; false where `close` stands instead, which is left to be taken. */
  private readSeparator(close: number): boolean {
    this.skipSpace();
    const byte = this.source[this.at];
    if (byte === COMMA) {
      this.out[this.length++] = COMMA;
      this.at++;
      return true;
    }
    if (byte === close) return false;
    throw this.malformed(
      this.at >= this.end ? 'it ends too early' : `"," or "${String.fromCharCode(close)}" is expected`,
    );
  }

  private readName(): string {
    const start = this.length;
    this.copyName();
    return decodeString(this.out, { start, end: this.length - 1 });
  }

  private copyName(): void {
    this.skipSpace();
    if (this.source[this.at] !== QUOTE) throw this.malformed('a member name in quotes is expected');
    this.copyString();
    this.skipSpace();
    if (this.source[this.at] !== COLON) throw this.malformed('":" is expected');
    this.out[this.length++] = COLON;
    this.at++;
    this.members++;
  }

  private copyString(): void {
    const { source, end } = this;
    const start = this.at;
    let at = start + 1;
    for (;;) {
      if (at >= end) throw malformedJson('a string has no end', start);
      const byte = source[at++] ?? 0;
      if (byte === QUOTE) break;
      if (byte < SPACE) throw malformedJson('a control character stands in a string', at - 1);
      if (byte === BACKSLASH) this.checkEscape(at++);
    }
    this.copy(start, at);
    this.at = at;
  }

  /** @param at place of the byte behind the backslash; digits behind `\u` are passed as any other characters */
  private checkEscape(at: number): void {
    const escape = this.source[at] ?? 0;
    if (escape === LOWER_U) {
      if (!hexDigit.test(this.source.toString('latin1', at + 1, at + 5)))
        throw malformedJson('a \\u needs four hexadecimal digits', at);
    } else if (!escapes.has(escape)) throw malformedJson('an unknown escape stands in a string', at);
  }

  private copy(start: number, end: number): void {
    const { source, out, length } = this;
    if (end - start >= LONG) source.copy(out, length, start, end);
    else for (let at = start; at < end; at++) out[length + at - start] = source[at] ?? 0;
    this.length = length + end - start;
  }

  private copyLiteral(byte: number | undefined): void {
    if (byte === undefined) throw this.malformed('it ends too early');
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      this.copyNumber();
      return;
    }
    for (const word of ['true', 'false', 'null']) {
      if (
        byte === word.charCodeAt(0) &&
        this.source.toString('latin1', this.at, this.at + word.length) === word
      ) {
        this.length += this.out.write(word, this.length, 'latin1');
        this.at += word.length;
        return;
      }
    }
    throw this.malformed('a value is expected');
  }

  /** number = [ "-" ] int [ frac ] [ exp ], RFC 8259 section 6. */
  private copyNumber(): void {
    const start = this.at;
    if (this.source[this.at] === MINUS) this.at++;
    if (this.source[this.at] === ZERO) this.at++;
    else this.digits(start);
    if (this.source[this.at] === DOT) {
      this.at++;
      this.digits(start);
    }
    if (((this.source[this.at] ?? 0) | 0x20) === LOWER_E) {
      this.at++;
      const sign = this.source[this.at];
      if (sign === PLUS || sign === MINUS) this.at++;
      this.digits(start);
    }
    this.copy(start, this.at);
    this.noteSpelling(start);
    this.numbers++;
  }

  private noteSpelling(start: number): void {
    // Up to two digits are always as JavaScript writes them.
    if (this.at - start <= 2) return;
    const lexeme = this.source.toString('latin1', start, this.at);
    if (String(Number(lexeme)) !== lexeme) this.unusualNumbers.push({ ordinal: this.numbers, lexeme });
  }

  private digits(start: number): void {
    const first = this.at;
    for (let byte = this.source[this.at] ?? 0; byte >= ZERO && byte <= NINE;) {
      byte = this.source[++this.at] ?? 0;
    }
    if (this.at === first) throw malformedJson('a number is not written as JSON has them', start);
  }

  private skipSpace(): void {
    const { source } = this;
    let { at } = this;
    let byte = source[at] ?? 0xff;
    if (byte > SPACE) return;
    while (byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB)
      byte = source[++at] ?? 0xff;
    this.at = at;
  }

  private malformed(what: string): Error {
    return malformedJson(what, this.at);
  }

  private malformedOrWrong(expectation: string): Error {
    return malformedJson(this.at >= this.end ? 'it ends too early' : expectation, this.at);
  }
}

/** Decoded text of the string, quotes included, at a place of a JSON text. */
export function decodeString(text: Buffer, { start, end }: Span): string {
  const raw = text.toString('utf8', start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

/** Whether a string stands at a place. */
export function isString(text: Buffer, { start }: Span): boolean {
  return text[start] === QUOTE;
}

function firstBadByte(source: Buffer): number {
  let good = 0;
  let bad = source.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    // A prefix may end inside a character; up to three bytes more complete it.
    const complete = [0, 1, 2, 3].some((more) =>
      isUtf8(source.subarray(0, Math.min(middle + more, source.length))),
    );
    if (complete) good = middle;
    else bad = middle;
  }
  return good;
}
