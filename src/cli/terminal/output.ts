import type { Command } from 'commander';
import { cleanText, escapeUnseen } from '../../platform/text/index.js';

type Row = Readonly<Record<string, unknown>>;

/** Characters of one cell or sentence. */
const longest = 10_000;

/**
 * Text on standard output. Everything that the command line prints goes through here or `printError`: names, files and
 * answers of others neither steer the terminal nor forge lines.
 */
export function print(text: string): void {
  process.stdout.write(escapeUnseen(text));
}

/** Text on standard error. */
export function printError(text: string): void {
  process.stderr.write(escapeUnseen(text));
}

/** Text of somebody else as a part of a line. */
export function onOneLine(text: string): string {
  return cleanText(text, longest);
}

/** Whether `--json` was given, before or behind the command. */
export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: boolean }>().json === true;
}

/** Prints rows as a table with the given columns, or as a JSON array. */
export function printRows(command: Command, rows: readonly Row[], columns: readonly string[]): void {
  if (wantsJson(command)) {
    print(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const cells = rows.map((row) => columns.map((column) => text(row[column])));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  print(`${[line(columns), ...cells.map(line)].join('\n')}\n`);
}

/** Prints one object as aligned `name  value` lines, or as JSON. */
export function printObject(command: Command, object: Row): void {
  if (wantsJson(command)) {
    print(`${JSON.stringify(object, null, 2)}\n`);
    return;
  }
  const width = Math.max(...Object.keys(object).map((name) => name.length));
  for (const [name, value] of Object.entries(object)) print(`${name.padEnd(width)}  ${text(value)}\n`);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(text).join(' ');
  return onOneLine(typeof value === 'string' ? value : JSON.stringify(value));
}
