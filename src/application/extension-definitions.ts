import type { DynamicModule } from '@nestjs/common';
import { definitionOf, type ExtensionDefinition } from '../platform/extension/index.js';
import type { Extensions } from './extensions.js';

/** What extensions say of themselves. */
export interface FoundDefinitions {
  readonly definitions: readonly ExtensionDefinition[];
  /** Modules that neither are marked nor belong to one that is, by name. */
  readonly unmarked: readonly string[];
}

/** Looks for `@FirekeepExtension` at the modules and at what they import. */
export async function definitionsOf(extensions: Extensions): Promise<FoundDefinitions> {
  const definitions = new Set<ExtensionDefinition>();
  const belonging = new Set<object>();
  const modules: object[] = [];
  for (const extension of extensions) {
    const module = await moduleOf(extension);
    if (module === undefined) continue;
    const classes = await classesBelow(module);
    const own = [...classes].map(definitionOf).filter((definition) => definition !== undefined);
    for (const definition of own) definitions.add(definition);
    if (own.length > 0) for (const each of classes) belonging.add(each);
    modules.push(classOf(module));
  }
  const unmarked = modules
    .filter((each) => !belonging.has(each))
    .map((each) => (each as { name: string }).name);
  return { definitions: [...definitions], unmarked };
}

type ModuleReference = (new (...args: never[]) => unknown) | DynamicModule;

/** The classes of a module and of all that it imports. */
async function classesBelow(module: ModuleReference): Promise<ReadonlySet<object>> {
  const classes = new Set<object>();
  const waiting = [module];
  const seen = new Set<object>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    classes.add(classOf(next));
    const declared = (Reflect.getMetadata('imports', classOf(next)) ?? []) as Extensions;
    const added = 'module' in next ? (next.imports ?? []) : [];
    for (const each of [...declared, ...added]) {
      const imported = await moduleOf(each);
      if (imported !== undefined) waiting.push(imported);
    }
  }
  return classes;
}

/** What stands in `imports`: a class, a dynamic module, a promise of one, or a forward reference. */
async function moduleOf(extension: Extensions[number]): Promise<ModuleReference | undefined> {
  const resolved: unknown = await extension;
  if (typeof resolved === 'function') return resolved as ModuleReference;
  if (typeof resolved !== 'object' || resolved === null) return undefined;
  if ('forwardRef' in resolved && typeof resolved.forwardRef === 'function') {
    return (resolved.forwardRef as () => ModuleReference)();
  }
  return 'module' in resolved ? (resolved as DynamicModule) : undefined;
}

function classOf(module: ModuleReference): object {
  return 'module' in module ? module.module : module;
}
