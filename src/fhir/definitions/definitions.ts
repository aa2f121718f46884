import { readDataFile } from './data-files.js';
import type { SearchFile, StructuresFile } from './data-files.js';
import { unpackParameter } from './search-parameter.js';
import type { SearchParameter } from './search-parameter.js';
import { unpackStructure } from './structure.js';
import type { TypeDefinition } from './structure.js';
import { terminology } from './terminology.js';
import type { Terminology } from './terminology.js';

/** A reference parameter that may point to a type: what `_revinclude` and `_has` may name. */
export interface InboundReference {
  readonly type: string;
  readonly parameter: SearchParameter;
}

/** In a compartment's definition: the resource that the compartment belongs to is in it itself. */
export const compartmentSelf = '{def}';

/** Everything that the R4 specification says about types, search and compartments. Immutable. */
export interface Definitions extends Terminology {
  /** `4.0.1`. */
  readonly fhirVersion: string;
  /** The 146 concrete resource types, sorted. */
  readonly resourceTypes: readonly string[];
  isResourceType(name: string): boolean;
  /** A resource type, datatype, primitive, or backbone element by path; undefined: no such type. */
  type(name: string): TypeDefinition | undefined;
  /**
   * Parameters of a resource type, those of Resource and DomainResource included; empty for another name.
   * Source: FHIR R4 search.html and the search-parameters Bundle.
   */
  searchParameters(type: string): readonly SearchParameter[];
  searchParameter(type: string, code: string): SearchParameter | undefined;
  /** A parameter by canonical URL, as the components of composites name it. */
  searchParameterByUrl(url: string): SearchParameter | undefined;
  /** Reference parameters of a type: what `_include` may name. */
  includes(type: string): readonly SearchParameter[];
  /** Reference parameters of any type that may point to this type: what `_revinclude` may name. */
  revincludes(type: string): readonly InboundReference[];
  /**
   * Compartment → resource type → codes of the parameters that put a resource into it; `compartmentSelf` stands for
   * the resource itself. Types that a compartment leaves out are absent. Source: compartmentdefinition.html.
   */
  readonly compartments: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

/** Keeps what was built; `undefined` is not kept, so that made-up names take no memory. */
function memoize<T>(build: (name: string) => T | undefined): (name: string) => T | undefined {
  const built = new Map<string, T>();
  return (name) => {
    const known = built.get(name);
    if (known !== undefined) return known;
    const value = build(name);
    if (value !== undefined) built.set(name, value);
    return value;
  };
}

function structures(file: StructuresFile) {
  const packed = new Map(Object.entries(file.types));
  const type = memoize((name): TypeDefinition | undefined => {
    const entry = packed.get(name);
    return entry && unpackStructure(name, entry, entry.base === undefined ? undefined : type(entry.base));
  });
  const resourceTypes = [...packed.entries()]
    .filter(([, entry]) => entry.kind === 'resource' && entry.abstract !== 1)
    .map(([name]) => name)
    .sort();
  const known = new Set(resourceTypes);
  return { type, resourceTypes, isResourceType: (name: string) => known.has(name) };
}

function inboundReferences(
  types: readonly string[],
  includes: (type: string) => readonly SearchParameter[],
  target: string,
): readonly InboundReference[] {
  return types.flatMap((type) =>
    includes(type)
      .filter((parameter) => parameter.targets.includes(target))
      .map((parameter) => ({ type, parameter })),
  );
}

function search(file: SearchFile, types: ReturnType<typeof structures>) {
  const anyType = types.resourceTypes.filter((name) => name !== 'Parameters');
  const parameters = file.parameters.map((packed) => unpackParameter(packed, anyType));
  const byUrl = new Map(parameters.map((parameter) => [parameter.url, parameter]));
  const byBase = new Map<string, SearchParameter[]>();
  for (const parameter of parameters) {
    for (const base of parameter.base) {
      const list = byBase.get(base);
      if (list) list.push(parameter);
      else byBase.set(base, [parameter]);
    }
  }
  const inherited = (name: string): SearchParameter[] => {
    const base = types.type(name)?.base;
    return [...(byBase.get(name) ?? []), ...(base == null ? [] : inherited(base))];
  };
  const byCode = memoize((name) =>
    types.isResourceType(name) ? new Map(inherited(name).map((p) => [p.code, p])) : undefined,
  );
  const lists = memoize((name) => {
    const codes = byCode(name);
    return codes && [...codes.values()];
  });
  const list = (name: string): readonly SearchParameter[] => lists(name) ?? [];
  const references = memoize((name) =>
    types.isResourceType(name) ? list(name).filter((p) => p.type === 'reference') : undefined,
  );
  const includes = (name: string): readonly SearchParameter[] => references(name) ?? [];
  const inbound = memoize((target) =>
    types.isResourceType(target) ? inboundReferences(types.resourceTypes, includes, target) : undefined,
  );
  const revincludes = (name: string): readonly InboundReference[] => inbound(name) ?? [];
  return { byUrl, byCode, list, includes, revincludes };
}

function build(): Definitions {
  const structuresFile = readDataFile('structures');
  const searchFile = readDataFile('search');
  const types = structures(structuresFile);
  const parameters = search(searchFile, types);
  return {
    fhirVersion: structuresFile.fhirVersion,
    ...types,
    ...terminology(readDataFile('terminology')),
    searchParameters: parameters.list,
    searchParameter: (type, code) => parameters.byCode(type)?.get(code),
    searchParameterByUrl: (url) => parameters.byUrl.get(url),
    includes: parameters.includes,
    revincludes: parameters.revincludes,
    compartments: new Map(
      Object.entries(searchFile.compartments).map(([name, members]) => [
        name,
        new Map(Object.entries(members)),
      ]),
    ),
  };
}

let loaded: Definitions | undefined;

/**
 * The R4 definitions, read from the data beside the code at the first call (some 20 ms) and kept. Types and
 * parameter lists are unpacked when they are first asked for. Throws when the data files are missing.
 *
 * @example loadDefinitions().searchParameter('Patient', 'birthdate')?.type // 'date'
 */
export function loadDefinitions(): Definitions {
  return (loaded ??= build());
}
