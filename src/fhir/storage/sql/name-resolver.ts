import { compartmentCodes } from './access-parameters.js';
import type { IndexNames } from './index-rows.js';
import { uriKey } from './keys.js';
import { MissingNames, type SqlInternedNames } from './interned-names.js';

/**
 * Numbers of names without waiting: from the cache, or noted as missing, with 0 in their place. Rows that were
 * built while something was missing must not be written.
 */
export class NameResolver {
  readonly missing = new MissingNames();
  private readonly byType = new Map<number, Map<number, IndexNames>>();
  /** Those of types that are written. */
  private readonly written = new Set<IndexNames>();
  /** Systems asked for so far, by their URIs: most rows name one of a few. */
  private readonly knownSystems = new Map<string, number>();

  /** @param systems numbers of systems, by `uriKey`, that were found for this group of units */
  constructor(
    private readonly interned: SqlInternedNames,
    private readonly systems: ReadonlyMap<string, number>,
  ) {}

  repository(name: string): number {
    const id = this.interned.knownRepository(name);
    if (id === undefined) this.missing.repositories.add(name);
    return id ?? 0;
  }

  type(name: string): number {
    const id = this.interned.knownType(name);
    if (id === undefined) this.missing.types.add(name);
    return id ?? 0;
  }

  system(uri: string): number {
    const known = this.knownSystems.get(uri);
    if (known !== undefined) return known;
    const id = this.interned.knownSystem(uri) ?? this.systems.get(uriKey(uri));
    if (id === undefined) this.missing.systems.add(uri);
    this.knownSystems.set(uri, id ?? 0);
    return id ?? 0;
  }

  /**
   * The same for a resource that is to be written. What puts resources of its type into a compartment gets numbers too,
   * used or not: searches within a compartment ask for them, and would look for what isn't there each time.
   */
  ofWritten(repository: number, type: number, typeName: string): IndexNames {
    const names = this.of(repository, type);
    if (this.written.has(names)) return names;
    this.written.add(names);
    for (const code of compartmentCodes(typeName)) names.parameter(code);
    return names;
  }

  /** Names as the rows of a resource of that repository and type need them. */
  of(repository: number, type: number): IndexNames {
    const types = this.byType.get(repository) ?? new Map<number, IndexNames>();
    this.byType.set(repository, types);
    const known = types.get(type);
    if (known !== undefined) return known;
    const parameters = new Map<string, number>();
    const names: IndexNames = {
      parameter: (code) => {
        const number = parameters.get(code) ?? this.parameter(repository, type, code);
        parameters.set(code, number);
        return number;
      },
      system: (uri) => this.system(uri),
      type: (name) => this.type(name),
    };
    types.set(type, names);
    return names;
  }

  private parameter(repository: number, type: number, code: string): number {
    const id = this.interned.knownParameter(repository, type, code);
    // Without numbers for repository and type the parameter's turn comes in the next round.
    if (id === undefined && repository !== 0 && type !== 0) {
      this.missing.parameters.set(`${repository}/${type}/${code}`, [repository, type, code]);
    }
    return id ?? 0;
  }
}
