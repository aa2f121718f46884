import { choiceProperty, type Definitions, type ElementDefinition } from '../../definitions/index.js';
import { asObject, type JsonObject } from '../json-object.js';
import { collection, type Collection, type Evaluation, type Items } from './compiled.js';
import { UnsupportedInvariant } from './constraint-expression.js';

/** Stands for the types of `descendants()`, which only the resource at hand tells. */
export const anyType = '*';

interface Source {
  readonly key: string;
  /** `_name`, where the element is primitive. */
  readonly sibling: string | undefined;
  readonly type: string;
}

/** Properties up to which each is asked for; above, the object's own properties are looked through. */
const fewSources = 8;

/** The elements of a name, of what another part gives (null: of the item at hand). */
export function memberOf(
  of: Collection,
  name: string,
  isFocus: boolean,
  definitions: Definitions,
): Collection {
  const found = sourcesOf(of.types, name, definitions);
  if (found.length === 0) {
    throw new UnsupportedInvariant(`${[...of.types].join(', ')} has no element ${name}`);
  }
  return fromSources(of, found, isFocus);
}

function fromSources(of: Collection, sources: readonly Source[], isFocus: boolean): Collection {
  const step = stepOver(sources);
  const types = sources.map(({ type }) => type);
  const ofType = (type: string): Collection | undefined => {
    const wanted = sources.filter((source) => source.type.toLowerCase() === type.toLowerCase());
    return wanted.length === 0 ? undefined : fromSources(of, wanted, isFocus);
  };
  if (isFocus) {
    const exists = existsOver(sources);
    return collection(types, (item, evaluation) => collectFrom(item, step, evaluation), {
      exists: (item) => exists(item),
      ofType,
    });
  }
  return collection(
    types,
    (item, evaluation) => {
      const owners = of.collect(item, evaluation);
      if (owners.length === 1) return collectFrom(owners[0], step, evaluation);
      const items: unknown[] = [];
      evaluation.steps.spend(1 + owners.length);
      for (const owner of owners) {
        const object = asObject(owner);
        if (object !== undefined) step(object, items);
      }
      evaluation.steps.spend(items.length);
      return items;
    },
    { ofType },
  );
}

type Step = (owner: JsonObject, items: unknown[]) => void;

function collectFrom(owner: unknown, step: Step, { steps }: Evaluation): Items {
  const object = asObject(owner);
  const items: unknown[] = [];
  if (object !== undefined) step(object, items);
  steps.spend(1 + items.length);
  return items;
}

function stepOver(sources: readonly Source[]): Step {
  const [only] = sources;
  if (sources.length === 1 && only !== undefined) return (owner, items) => take(owner, only, items);
  if (sources.length <= fewSources) {
    return (owner, items) => {
      for (const source of sources) take(owner, source, items);
    };
  }
  const byKey = sourcesByKey(sources);
  return (owner, items) => {
    let last: Source | undefined;
    for (const key of Object.keys(owner)) {
      const source = byKey.get(key);
      // A value and its `_name` are one element.
      if (source !== undefined && source !== last) take(owner, source, items);
      last = source ?? last;
    }
  };
}

function existsOver(sources: readonly Source[]): (item: unknown) => boolean {
  if (sources.length <= fewSources) {
    return (item) => {
      const owner = asObject(item);
      if (owner === undefined) return false;
      return sources.some(
        ({ key, sibling }) =>
          owner[key] !== undefined || (sibling !== undefined && owner[sibling] !== undefined),
      );
    };
  }
  const byKey = sourcesByKey(sources);
  return (item) => {
    const owner = asObject(item);
    return owner !== undefined && Object.keys(owner).some((key) => byKey.has(key));
  };
}

function sourcesByKey(sources: readonly Source[]): ReadonlyMap<string, Source> {
  return new Map(
    sources.flatMap((source) => [
      [source.key, source] as const,
      ...(source.sibling === undefined ? [] : [[source.sibling, source] as const]),
    ]),
  );
}

function take(owner: JsonObject, { key, sibling }: Source, items: unknown[]): void {
  const value = owner[key];
  const beside = sibling === undefined ? undefined : owner[sibling];
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (item !== null) items.push(item);
      else if (Array.isArray(beside) && beside[index] != null) items.push(beside[index]);
    }
  } else if (value !== undefined && value !== null) items.push(value);
  else pushPresent(beside, items);
}

function pushPresent(value: unknown, items: unknown[]): void {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const item of list) if (item !== null && item !== undefined) items.push(item);
}

function sourcesOf(types: ReadonlySet<string>, name: string, definitions: Definitions): readonly Source[] {
  if (types.has(anyType)) return [{ key: name, sibling: `_${name}`, type: anyType }];
  const sources = new Map<string, Source>();
  for (const type of types) {
    const element = definitions.type(type)?.elements.get(name);
    if (element !== undefined) {
      for (const source of elementSources(element, definitions)) {
        sources.set(`${source.key} ${source.type}`, source);
      }
    }
  }
  return [...sources.values()];
}

function elementSources(element: ElementDefinition, definitions: Definitions): Source[] {
  return element.types.map(({ code }) => {
    const key = element.choice ? choiceProperty(element.name, code) : element.name;
    const isPrimitive = definitions.type(code)?.kind === 'primitive-type';
    return { key, sibling: isPrimitive ? `_${key}` : undefined, type: code };
  });
}
