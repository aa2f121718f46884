import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleMetadata } from '@nestjs/common';
import { FirekeepError } from '../platform/errors/index.js';

/** Modules that an extension adds to the application. */
export type Extensions = NonNullable<ModuleMetadata['imports']>;

/**
 * The modules that `FIREKEEP_EXTENSIONS` names, in that order.
 *
 * @param names files (`./dist/clinic.module.js`, from the working directory) or packages that are installed there
 * @throws FirekeepError `EXTENSION_NOT_FOUND`, `EXTENSION_INVALID`
 */
export async function loadExtensions(names: readonly string[]): Promise<Extensions> {
  const loaded: Extensions = [];
  for (const name of names) loaded.push(...(await load(name)));
  return loaded;
}

async function load(name: string): Promise<Extensions> {
  const file = fileOf(name);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw invalid(name, `can't be loaded: ${(error as Error).message}`, error);
  }
  const modules = Object.values(exported).filter(isNestModule);
  if (modules.length === 0) throw invalid(name, 'exports no Nest module (a class with @Module).');
  return [...new Set(modules)];
}

function fileOf(name: string): string {
  if (/^\.{0,2}[/\\]/.test(name) || isAbsolute(name)) {
    const file = resolve(name);
    if (!existsSync(file)) throw notFound(name, `there is no file ${file}`);
    return file;
  }
  try {
    return createRequire(join(process.cwd(), 'package.json')).resolve(name);
  } catch (error) {
    throw notFound(name, (error as Error).message.split('\n', 1)[0] ?? '');
  }
}

/** What `@Module` leaves on a class. */
function isNestModule(value: unknown): value is Extensions[number] & object {
  return (
    typeof value === 'function' &&
    ['imports', 'providers', 'controllers', 'exports'].some((key) => Reflect.hasMetadata(key, value))
  );
}

function notFound(name: string, why: string): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'EXTENSION_NOT_FOUND',
    `FIREKEEP_EXTENSIONS names "${name}", which is not there: ${why}.`,
  );
}

function invalid(name: string, why: string, cause?: unknown): FirekeepError {
  return new FirekeepError('internal', 'EXTENSION_INVALID', `The extension "${name}" ${why}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
