import type { SqlSession } from '../../../../platform/database/index.js';
import type { SearchQuery } from '../../../search/query.js';
import type { InternedNames } from '../keys.js';
import { usedNames } from './used-names.js';

/** Numbers of the names in a query, looked up beforehand. Undefined: no row uses the name. */
export interface SearchNames {
  readonly repository: number;
  /** Numbers of the types in question that have rows: those searched, or those that a link leads to. */
  readonly types: readonly number[];
  /** Name of a type by its number. */
  readonly typeNames: ReadonlyMap<number, string>;
  /** Numbers of a parameter of the types in question. */
  parameters(code: string): readonly number[];
  system(uri: string): number | undefined;
  type(name: string): number | undefined;
  /** The same names with other types in question. */
  ofTypes(names: readonly string[]): SearchNames;
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
  const typeNames = [...used.types];
  (await interned.typeIds(session, typeNames)).forEach((id, n) => {
    if (id !== undefined) types.set(typeNames[n] ?? '', id);
  });
  if (!query.types.some((name) => types.has(name))) return undefined;
  const parameters = new Map<string, number>();
  const wanted = [...used.codes].flatMap(([code, ofTypes]) =>
    [...ofTypes].flatMap((name) => {
      const type = types.get(name);
      return type === undefined ? [] : [{ type, code }];
    }),
  );
  const found = await interned.parameterIds(session, repository, wanted);
  wanted.forEach(({ type, code }, n) => {
    const id = found[n];
    if (id !== undefined) parameters.set(`${type} ${code}`, id);
  });
  const systems = new Map<string, number>();
  for (const uri of used.systems) {
    const id = await interned.systemId(session, uri);
    if (id !== undefined) systems.set(uri, id);
  }
  return namesFor({ repository, types, parameters, systems }, query.types);
}

interface Numbers {
  readonly repository: number;
  readonly types: ReadonlyMap<string, number>;
  /** By number of the type and code. */
  readonly parameters: ReadonlyMap<string, number>;
  readonly systems: ReadonlyMap<string, number>;
}

function namesFor(numbers: Numbers, wanted: readonly string[]): SearchNames {
  const known = wanted.flatMap((name): [number, string][] => {
    const id = numbers.types.get(name);
    return id === undefined ? [] : [[id, name]];
  });
  const types = known.map(([id]) => id);
  return {
    repository: numbers.repository,
    types,
    typeNames: new Map(known),
    parameters: (code) => types.flatMap((type) => numbers.parameters.get(`${type} ${code}`) ?? []),
    system: (uri) => numbers.systems.get(uri),
    type: (name) => numbers.types.get(name),
    ofTypes: (names) => namesFor(numbers, names),
  };
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
