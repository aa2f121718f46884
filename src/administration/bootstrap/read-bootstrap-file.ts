import { readFileSync, statSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { FieldErrors, FirekeepError } from '../../platform/errors/index.js';
import {
  sectionRules,
  type BootstrapField,
  type BootstrapFile,
  type BootstrapSection,
} from './bootstrap-file.js';

const largest = 4 * 2 ** 20;
const mostEntries = 10_000;
const deepest = 10;
const variable = /\$(\$\{|\{([A-Za-z_][A-Za-z0-9_]*)\}|\{)/g;

type Environment = (name: string) => string | undefined;

/**
 * Reads and validates the file; nothing of it is applied.
 *
 * @throws FirekeepError 400 `BOOTSTRAP_UNREADABLE`, `BOOTSTRAP_INVALID` with the path of everything that is wrong
 */
export function readBootstrapFile(file: string, environment: Environment): BootstrapFile {
  return parseBootstrapFile(readText(file), environment, file);
}

/** @param file its name, for messages */
export function parseBootstrapFile(text: string, environment: Environment, file: string): BootstrapFile {
  const errors = new FieldErrors();
  const document = toMapping(text, file);
  const reader = new SectionReader(environment, errors);
  const content: BootstrapFile = {
    roles: reader.read('roles', document),
    users: reader.read('users', document),
    clients: reader.read('clients', document),
    tlsConfigurations: reader.read('tlsConfigurations', document),
    serverDescriptions: reader.read('serverDescriptions', document),
    clientConfigurations: reader.read('clientConfigurations', document),
    endpoints: reader.read('endpoints', document),
  };
  for (const key of Object.keys(document)) {
    if (!Object.hasOwn(sectionRules, key)) {
      errors.add(key, `Is not known. The file may have ${Object.keys(sectionRules).join(', ')}.`);
    }
  }
  throwIfAny(errors, file);
  return content;
}

/** All that is wrong, in one error whose message names the file. */
export function throwIfAny(errors: FieldErrors, file: string): void {
  try {
    errors.throwIfAny('BOOTSTRAP_INVALID');
  } catch (error) {
    if (!(error instanceof FirekeepError)) throw error;
    throw new FirekeepError('invalid', error.code, `${file}: ${error.message}`, { issues: error.issues });
  }
}

function readText(file: string): string {
  try {
    if (statSync(file).size > largest) throw new Error('it is larger than 4 MiB');
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as { code?: string }).code ?? (error as Error).message;
    throw new FirekeepError(
      'invalid',
      'BOOTSTRAP_UNREADABLE',
      `FIREKEEP_BOOTSTRAP_FILE names ${file}, which can't be read (${reason}).`,
      { cause: error },
    );
  }
}

function toMapping(text: string, file: string): Record<string, unknown> {
  const invalid = (message: string): FirekeepError =>
    new FirekeepError('invalid', 'BOOTSTRAP_INVALID', `${file}: ${message}`);
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  const [problem] = document.errors;
  // Only the first line: the others quote the file, and with it what may be a secret.
  if (problem !== undefined) throw invalid(`This is not YAML: ${problem.message.split('\n')[0] ?? ''}`);
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 50 });
  } catch {
    // The library's message may quote the file, and with it a secret.
    throw invalid('It has too many aliases, or one without an anchor.');
  }
  if (content === null || content === undefined) return {};
  if (!isMapping(content)) throw invalid('It must be a mapping of sections.');
  return content;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the entries of one section after another; what is wrong goes to `errors` with its path. */
class SectionReader {
  constructor(
    private readonly environment: Environment,
    private readonly errors: FieldErrors,
  ) {}

  /** With members of the kinds that the table of sections says; what they hold is checked by the services. */
  read<S extends BootstrapSection>(
    section: S,
    document: Readonly<Record<string, unknown>>,
  ): BootstrapFile[S] {
    return this.entries(section, document[section]) as BootstrapFile[S];
  }

  private entries(section: BootstrapSection, value: unknown): object[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value) || value.length > mostEntries) {
      this.errors.add(section, `Must be a list of at most ${mostEntries} entries.`);
      return [];
    }
    const names = new Set<unknown>();
    return value.map((entry: unknown, index) => {
      const path = `${section}[${index}]`;
      const read = this.entry(section, entry, path);
      const { key } = sectionRules[section];
      const name = read[key];
      if (name !== undefined && names.has(name)) this.errors.add(`${path}.${key}`, 'Is there twice.');
      names.add(name);
      return read;
    });
  }

  private entry(section: BootstrapSection, entry: unknown, path: string): Record<string, unknown> {
    if (!isMapping(entry)) {
      this.errors.add(path, 'Must be a mapping.');
      return {};
    }
    const { fields } = sectionRules[section];
    const read: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(entry)) {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (field === undefined) {
        this.errors.add(`${path}.${key}`, `Is not known. Known are ${Object.keys(fields).join(', ')}.`);
        continue;
      }
      if (value === null && field.nullable === true) {
        read[field.as ?? key] = null;
        continue;
      }
      if (value === null) {
        this.errors.add(`${path}.${key}`, 'Has no value; leave the key out.');
        continue;
      }
      read[field.as ?? key] = this.value(field, value, `${path}.${key}`);
    }
    for (const [key, field] of Object.entries(fields)) {
      if (field.required === true && !Object.hasOwn(entry, key))
        this.errors.add(`${path}.${key}`, 'Is missing.');
    }
    return read;
  }

  private value(field: BootstrapField, value: unknown, path: string): unknown {
    switch (field.kind) {
      case 'text':
        return this.text(value, path);
      case 'flag':
        this.errors.when(typeof value !== 'boolean', path, 'Must be true or false.');
        return value;
      case 'number':
        this.errors.when(typeof value !== 'number', path, 'Must be a number.');
        return value;
      case 'texts':
        if (Array.isArray(value)) {
          return value.map((item: unknown, index) => this.text(item, `${path}[${index}]`));
        }
        this.errors.add(path, 'Must be a list.');
        return [];
      case 'objects':
        if (Array.isArray(value) && value.every(isMapping)) return this.substitutedIn(value, path, 0);
        this.errors.add(path, 'Must be a list of mappings.');
        return [];
      case 'object':
        this.errors.when(!isMapping(value), path, 'Must be a mapping.');
        return this.substitutedIn(value, path, 0);
    }
  }

  private text(value: unknown, path: string): string {
    if (typeof value === 'string') return this.substituted(value, path);
    this.errors.add(path, 'Must be text; put it in quotes where YAML takes it for something else.');
    return '';
  }

  private substitutedIn(value: unknown, path: string, depth: number): unknown {
    if (depth > deepest) {
      this.errors.add(path, 'Is nested too deeply.');
      return null;
    }
    if (typeof value === 'string') return this.substituted(value, path);
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.substitutedIn(item, `${path}[${index}]`, depth + 1));
    }
    if (!isMapping(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        this.substitutedIn(item, `${path}.${key}`, depth + 1),
      ]),
    );
  }

  /**
   * `${NAME}` is the variable; `$${` is `${` itself. What a variable holds is text, never YAML. Where nothing is left
   * because variables are empty, they count as missing: a secret can't get lost on the way in silence.
   */
  private substituted(text: string, path: string): string {
    const empty: string[] = [];
    const result = text.replace(variable, (match: string, rest: string, name: string | undefined) => {
      if (rest === '${') return '${';
      if (name === undefined) {
        this.errors.add(path, `Has a \${ that begins no variable; write $\${ for the characters themselves.`);
        return match;
      }
      const value = this.environment(name);
      if (value === undefined) this.errors.add(path, `The environment has no ${name}.`);
      else if (value.trim() === '') empty.push(name);
      return value ?? '';
    });
    if (result.trim() === '' && empty.length > 0) {
      this.errors.add(path, `The environment has nothing in ${empty.join(', ')}.`);
    }
    return result;
  }
}
