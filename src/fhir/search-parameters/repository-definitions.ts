import { Inject, Injectable } from '@nestjs/common';
import {
  ExtensibleDefinitions,
  overlayDefinitions,
  type Definitions,
  type SearchParameter,
} from '../definitions/index.js';
import {
  PARAMETER_REGISTRY,
  type ParameterRegistry,
  type RegisteredParameter,
} from '../storage/parameter-registry.js';

export interface IncompleteParameter {
  readonly type: string;
  readonly code: string;
}

/** The definitions by which each repository is indexed and searched: those of the server, and its own parameters. */
@Injectable()
export class RepositoryDefinitions {
  private readonly known = new Map<string, Definitions>();

  constructor(
    private readonly extensible: ExtensibleDefinitions,
    @Inject(PARAMETER_REGISTRY) private readonly registry: ParameterRegistry,
  ) {
    registry.onChange(() => this.known.clear());
  }

  /** Of what `of` gives; grows with every change in any repository. */
  get version(): number {
    return this.registry.version;
  }

  /** The definitions of a repository as this process knows them; the same object until they change. */
  of(repository: string): Definitions {
    const base = this.extensible.definitions;
    const own = this.registry.parameters.filter((one) => one.repository === repository);
    if (own.length === 0) return base;
    const known = this.known.get(repository) ?? withParameters(base, own);
    this.known.set(repository, known);
    return known;
  }

  /** Codes of the parameters that a repository defines for any of its types. */
  ownCodes(repository: string): ReadonlySet<string> {
    const own = this.registry.parameters.filter((one) => one.repository === repository);
    return new Set(own.map(({ parameter }) => parameter.code));
  }

  /** Parameters of a repository that searches can't use yet, or not without a warning. */
  incomplete(repository: string): readonly IncompleteParameter[] {
    return this.registry.parameters
      .filter((one) => one.repository === repository && one.state !== 'complete' && one.state !== 'removing')
      .map(({ type, parameter }) => ({ type, code: parameter.code }));
  }

  /** Learns what other processes have changed. @returns whether it was something */
  refresh(): Promise<boolean> {
    return this.registry.refresh();
  }

  /**
   * Reads a request by current definitions: where it fails, where it is doubtful or where the repository has
   * parameters of its own, they are compared with those of the database, and it is read once more if they differ.
   *
   * @param isDoubtful whether other definitions could give another result
   */
  async reading<T>(
    repository: string,
    read: (definitions: Definitions) => T,
    isDoubtful: (result: T) => boolean,
  ): Promise<T> {
    let result: T;
    try {
      result = read(this.of(repository));
    } catch (error) {
      if (await this.refresh()) return read(this.of(repository));
      throw error;
    }
    const isSettled = this.of(repository) === this.extensible.definitions && !isDoubtful(result);
    return isSettled || !(await this.refresh()) ? result : read(this.of(repository));
  }

  onChange(listener: () => void): void {
    this.registry.onChange(listener);
  }
}

function withParameters(base: Definitions, own: readonly RegisteredParameter[]): Definitions {
  const lists = new Map<string, SearchParameter[]>();
  const byUrl = new Map<string, SearchParameter>();
  for (const { type, parameter, state, skipped } of own) {
    // What the server itself defines comes first: an extension may have been added behind the parameter.
    if (state === 'removing' || base.searchParameter(type, parameter.code) !== undefined) continue;
    const whenIncomplete = skipped ? 'warn' : 'refuse';
    const defined: SearchParameter = { ...parameter, coverage: { state, whenIncomplete } };
    const list = lists.get(type) ?? [...base.searchParameters(type)];
    list.push(defined);
    lists.set(type, list);
    byUrl.set(parameter.url, defined);
  }
  return overlayDefinitions(base, lists, byUrl);
}
