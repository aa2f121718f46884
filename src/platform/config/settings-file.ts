import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { FirekeepError } from '../errors/index.js';
import {
  isBlank,
  parseSetting,
  reasonOf,
  settingKeys,
  unknownSetting,
  type GivenValues,
} from './known-settings.js';
import { extensionsMember } from './raw-extension-settings.js';

/**
 * What a file of `config/` gives; nothing where there is none. A key without a value, with an empty text or with an
 * empty list says nothing.
 *
 * @throws FirekeepError `CONFIG_…` with one clear line for the first thing that is wrong.
 */
export function settingsFile(path: string): GivenValues {
  const values: GivenValues = {};
  for (const [name, value] of Object.entries(mappingIn(path))) {
    if (name === extensionsMember) continue;
    const key = settingKeys.find((candidate) => candidate === name);
    if (key === undefined) throw unknownSetting(`${path}:`, name, settingKeys);
    const from = `${path}: ${name}`;
    const text = memberText(value, from);
    if (!isBlank(text)) values[key] = parseSetting(key, text, from);
  }
  return values;
}

/** The members of a file; none where there is no file. @throws FirekeepError `CONFIG_…` */
export function mappingIn(path: string): Record<string, unknown> {
  const invalid = (problem: string): FirekeepError =>
    new FirekeepError('invalid', 'CONFIG_INVALID_FILE', `${path} ${problem}`);
  const document = parseDocument(textOf(path) ?? '', { uniqueKeys: true, prettyErrors: true });
  const [problem] = document.errors;
  // Only the first line: the others quote the file, and with it what may be a secret.
  if (problem !== undefined) throw invalid(`is not YAML: ${problem.message.split('\n')[0] ?? ''}`);
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 50 }) ?? {};
  } catch {
    // The error quotes the name of the alias, and a password in no quotes may begin with its asterisk.
    throw invalid('has too many aliases, or one without an anchor: put a text that begins with * in quotes.');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid('must hold a mapping of settings.');
  }
  return content as Record<string, unknown>;
}

/** @returns undefined where there is no such file, or no such folder */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'ENOENT') return undefined;
    throw new FirekeepError('invalid', 'CONFIG_UNREADABLE_FILE', `${path} can't be read (${reason}).`);
  }
}

/** A value as it would stand in the environment. @throws FirekeepError `CONFIG_INVALID_VALUE` */
export function memberText(value: unknown, from: string): string {
  return Array.isArray(value)
    ? value.map((member: unknown) => scalarText(member, from)).join(',')
    : scalarText(value, from);
}

function scalarText(value: unknown, from: string): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', `${from} must be text, a number or a list.`);
}
