import type { SqlSession } from '../../../../platform/database/index.js';
import type { SearchExpression, SearchQuery } from '../../../search/query.js';
import type { InternedNames } from '../keys.js';

/** Numbers of the names in a query, looked up beforehand. Undefined: no row uses the name. */
export interface SearchNames {
  readonly repository: number;
  /** Numbers of the types searched that have rows. */
  readonly types: readonly number[];
  /** Name of a type by its number. */
  readonly typeNames: ReadonlyMap<number, string>;
  /** Numbers of a parameter of the types searched, or of those of them that are given. */
  parameters(code: string, ofTypes?: readonly number[]): readonly number[];
  system(uri: string): number | undefined;
  type(name: string): number | undefined;
}

/** Undefined: nothing of the repository or of the types has been stored yet. */
export async function resolveNames(
  session: SqlSession,
  interned: InternedNames,
  query: SearchQuery,
): Promise<SearchNames | undefined> {
  const repository = await interned.repositoryId(session, query.repository);
  if (repository === undefined) return undefined;
  const used = usedNames(query);
  const types = new Map<string, number>();
  for (const name of new Set([...query.types, ...used.types])) {
    const id = await interned.typeId(session, name);
    if (id !== undefined) types.set(name, id);
  }
  const searched = query.types.filter((name) => types.has(name));
  if (searched.length === 0) return undefined;
  const parameters = new Map<string, { readonly type: number; readonly id: number }[]>();
  for (const [code, ofTypes] of used.codes) {
    const ids: { readonly type: number; readonly id: number }[] = [];
    for (const type of searched) {
      if (ofTypes !== null && !ofTypes.has(type)) continue;
      const id = await interned.parameterId(session, query.repository, type, code);
      if (id !== undefined) ids.push({ type: types.get(type) ?? 0, id });
    }
    parameters.set(code, ids);
  }
  const systems = new Map<string, number>();
  for (const uri of used.systems) {
    const id = await interned.systemId(session, uri);
    if (id !== undefined) systems.set(uri, id);
  }
  return {
    repository,
    types: searched.map((name) => types.get(name) ?? 0),
    typeNames: new Map(searched.map((name) => [types.get(name) ?? 0, name])),
    parameters: (code, ofTypes) =>
      (parameters.get(code) ?? []).filter(({ type }) => ofTypes?.includes(type) ?? true).map(({ id }) => id),
    system: (uri) => systems.get(uri),
    type: (name) => types.get(name),
  };
}

/** The same names for some of the types searched. */
export function namesOfTypes(names: SearchNames, wanted: readonly string[]): SearchNames {
  const types = names.types.filter((type) => wanted.includes(names.typeNames.get(type) ?? ''));
  return { ...names, types, parameters: (code) => names.parameters(code, types) };
}

interface KnownSystem<T> {
  readonly test: T;
  readonly system: number | undefined;
}

/** Tests whose system some row uses, each with its number: undefined is any system, 0 none. */
export function withKnownSystem<T extends { readonly system: string | null | undefined }>(
  tests: readonly T[],
  names: SearchNames,
): KnownSystem<T>[] {
  return tests.flatMap((test): KnownSystem<T>[] => {
    if (test.system === undefined) return [{ test, system: undefined }];
    const system = test.system === null ? 0 : names.system(test.system);
    return system === undefined ? [] : [{ test, system }];
  });
}

interface UsedNames {
  /** With the types that they are looked up for; null: all that are searched. */
  readonly codes: Map<string, Set<string> | null>;
  readonly systems: Set<string>;
  readonly types: Set<string>;
}

function usedNames(query: SearchQuery): UsedNames {
  const used: UsedNames = { codes: new Map(), systems: new Set(), types: new Set() };
  for (const expression of query.filter) collect(expression, used, null);
  for (const { code, type } of query.sort) {
    if (type !== 'id' && type !== 'last-updated') used.codes.set(code, null);
  }
  return used;
}

function collect(expression: SearchExpression, used: UsedNames, types: readonly string[] | null): void {
  switch (expression.kind) {
    case 'and':
    case 'or':
      for (const operand of expression.operands) collect(operand, used, types);
      return;
    case 'not':
      collect(expression.operand, used, types);
      return;
    case 'of-type':
      collect(expression.operand, used, expression.types);
      return;
    case 'present':
      addCode(used, expression.code, types);
      return;
    case 'parameter':
      addCode(used, expression.code, types);
      for (const test of expression.anyOf) {
        if ((test.type === 'token' || test.type === 'quantity') && typeof test.system === 'string') {
          used.systems.add(test.system);
        } else if (test.type === 'reference' && test.targetType !== undefined)
          used.types.add(test.targetType);
      }
      return;
    case 'id':
    case 'last-updated':
    case 'chain':
    case 'has':
      return;
  }
}

function addCode({ codes }: UsedNames, code: string, types: readonly string[] | null): void {
  const known = codes.get(code);
  if (types === null || known === null) codes.set(code, null);
  else codes.set(code, new Set([...(known ?? []), ...types]));
}
