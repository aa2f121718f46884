import { jsonKind, quoted } from '../json-object.js';
import type { Run } from '../run.js';
import type { PrimitiveFormat } from './primitive-format.js';

/** Checks one value of a primitive type; `owner` and `key` say where the number's spelling is found. */
export type PrimitiveCheck = (value: unknown, owner: object, key: string | number, run: Run) => void;

const wholeLexeme = /^-?(?:0|[1-9][0-9]*)$/;

const jsonNames = { string: 'a string', number: 'a number', boolean: 'true or false' } as const;

/**
 * JSON type, format, size and, where the binding is closed, code of a primitive value.
 *
 * @param codes the codes of a required binding to a closed value set
 * @param mayRefer whether a value that begins with `#` refers to a contained resource
 */
export function primitiveCheck(
  format: PrimitiveFormat,
  codes: ReadonlySet<string> | undefined,
  mayRefer: boolean,
): PrimitiveCheck {
  const { json, maximum, whole } = format;
  const matches = format.matches as (value: unknown) => boolean;
  return (value, owner, key, run) => {
    if (typeof value !== json) {
      run.error('structure', `${capital(jsonNames[json])} is expected here, not ${jsonKind(value)}.`);
    } else if (codes !== undefined) {
      if (!codes.has(value as string)) wrongCode(value as string, codes, run);
    } else if (!matches(value)) {
      wrongFormat(value, format, run);
    } else if (typeof value === 'string') {
      if (value.length > maximum) tooLong(value.length, maximum, run);
      if (mayRefer && value.startsWith('#')) run.scope?.noteFragment(value);
    } else if (whole && run.lexeme !== undefined) {
      const lexeme = run.lexeme(owner, key);
      if (lexeme !== undefined && !wholeLexeme.test(lexeme)) wrongFormat(lexeme, format, run);
    }
  };
}

function wrongFormat(value: unknown, { expectation }: PrimitiveFormat, run: Run): void {
  if (value === '') {
    empty(run);
    return;
  }
  const shown = typeof value === 'number' ? String(value) : value;
  run.error('value', `${capital(expectation)} is expected here, not ${quoted(shown)}.`);
}

function empty(run: Run): void {
  run.error('structure', 'An empty string is not a value; leave the element out instead.');
}

function tooLong(length: number, maximum: number, run: Run): void {
  run.error('too-long', `The text has ${length} characters; ${maximum} are allowed here.`);
}

function wrongCode(code: string, codes: ReadonlySet<string>, run: Run): void {
  if (code === '') {
    empty(run);
    return;
  }
  const known = [...codes].slice(0, 12).join(', ');
  const more = codes.size > 12 ? `, and ${codes.size - 12} others` : '';
  run.error(
    'code-invalid',
    `${quoted(code)} is not one of the codes that this element can have: ${known}${more}.`,
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
