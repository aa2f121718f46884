import { FirekeepError } from '../errors/index.js';
import type { ExtensionDefinition } from './extension-definition.js';

type Named = Pick<ExtensionDefinition, 'name'>;

/** What the names of its tables begin with: `x_clinic_`. */
export function tablePrefix({ name }: Named): string {
  return `x_${name}_`;
}

/** Leaves room for the name of an index behind it: MySQL takes 64 characters. */
const tableName = /^[a-z][a-z0-9_]{0,45}$/;

/** @throws FirekeepError `EXTENSION_TABLE_FOREIGN`, `EXTENSION_TABLE_INVALID` */
export function requireOwnTable(extension: Named, table: string): void {
  if (!table.startsWith(tablePrefix(extension)) || table.length === tablePrefix(extension).length) {
    throw foreign(extension, `"${table}"`);
  }
  if (!tableName.test(table)) {
    throw invalidTable(extension, `"${table}" needs at most 46 small letters, digits and _`);
  }
}

/** A statement that changes rows, up to the table that it changes. */
const change =
  /^\s*(?:INSERT(?:\s+IGNORE|\s+OR\s+[A-Z]+)?\s+INTO|REPLACE\s+INTO|DELETE\s+FROM|UPDATE(?=\s+\S+\s+SET\s))\s+[`"]?(\w+)[`"]?/i;
const quotedOrComment = /'(?:[^'\\]|''|\\.)*'|"[^"]*"|`[^`]*`|--|\/\*|#/g;

/**
 * Whether a statement is one INSERT, REPLACE, UPDATE or DELETE of a table of the extension. It keeps an extension from
 * writing past Firekeep by mistake; what runs in the process can't be kept from it by force.
 *
 * @throws FirekeepError `EXTENSION_TABLE_FOREIGN`, `EXTENSION_TABLE_INVALID`
 */
export function requireOwnChange(extension: Named, sql: string): void {
  const [, table] = change.exec(sql) ?? [];
  requireSingle(extension, sql);
  if (table === undefined) {
    throw invalidTable(extension, 'a change is an INSERT, REPLACE, UPDATE … SET or DELETE of one table');
  }
  requireOwnTable(extension, table);
}

/** @throws FirekeepError `EXTENSION_TABLE_INVALID` for what is no single SELECT */
export function requireSelect(extension: Named, sql: string): void {
  requireSingle(extension, sql);
  if (!/^\s*(?:SELECT|WITH)\s/i.test(sql)) throw invalidTable(extension, 'a query is a SELECT');
  // A WITH of SQLite may stand in front of a change.
  if (/^\s*WITH\s/i.test(sql) && /\b(?:INSERT|REPLACE|UPDATE|DELETE)\b/i.test(outsideOfQuotes(sql))) {
    throw invalidTable(extension, 'a query is a SELECT');
  }
}

function requireSingle(extension: Named, sql: string): void {
  const bare = outsideOfQuotes(sql);
  if (bare.includes(';')) throw invalidTable(extension, 'statements are sent one by one, without ";"');
  if (/--|\/\*|#/.test(bare)) throw invalidTable(extension, 'a statement has no comments');
}

function outsideOfQuotes(sql: string): string {
  return sql.replace(quotedOrComment, (found) => (/^(?:--|\/\*|#)/.test(found) ? found : ' '));
}

export function invalidTable({ name }: Named, problem: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'EXTENSION_TABLE_INVALID',
    `The tables of the extension "${name}": ${problem}.`,
  );
}

function foreign(extension: Named, what: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'EXTENSION_TABLE_FOREIGN',
    `The extension "${extension.name}" changes ${what}, which is not its own: its tables begin with ${tablePrefix(extension)}.`,
  );
}
