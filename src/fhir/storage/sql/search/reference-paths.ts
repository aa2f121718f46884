import type { SqlSession } from '../../../../platform/database/index.js';
import type { IncludeDirective, IncludeParameter } from '../../../search/query.js';
import type { InternedNames } from '../keys.js';

/** References by one parameter of one type. */
export interface ReferencePath {
  /** Number of the parameter. */
  readonly parameter: number;
  /** Number of the type that must be referred to; undefined: any. */
  readonly target: number | undefined;
}

export interface ReferencePaths {
  readonly paths: readonly ReferencePath[];
  /** Types of the resources that the paths may lead to. */
  readonly types: readonly string[];
}

/** Turns include directives into the parameters that are followed from resources of some types. */
export class IncludePaths {
  /** @param repository number of the repository */
  constructor(
    private readonly session: SqlSession,
    private readonly interned: InternedNames,
    private readonly repository: number,
  ) {}

  /** @param types of the resources that are started from */
  async of(directives: readonly IncludeDirective[], types: readonly string[]): Promise<ReferencePaths> {
    const named = directives.flatMap((directive) => followed(directive, types));
    const numbers = await this.typeNumbers(named);
    const candidates = named.flatMap(({ type, code, target, reached }) => {
      const number = numbers.get(type);
      const referred = target === null ? undefined : numbers.get(target);
      if (number === undefined || (target !== null && referred === undefined)) return [];
      return [{ type: number, code, target: referred, reached }];
    });
    const parameters = await this.interned.parameterIds(this.session, this.repository, candidates);
    const paths: ReferencePath[] = [];
    const reached = new Set<string>();
    candidates.forEach((candidate, n) => {
      const parameter = parameters[n];
      if (parameter === undefined) return;
      paths.push({ parameter, target: candidate.target });
      for (const type of candidate.reached) reached.add(type);
    });
    return { paths, types: [...reached] };
  }

  private async typeNumbers(named: readonly Followed[]): Promise<ReadonlyMap<string, number>> {
    const names = [...new Set(named.flatMap(({ type, target }) => [type, target ?? type]))];
    const ids = await this.interned.typeIds(this.session, names);
    return new Map(names.flatMap((name, n) => (ids[n] === undefined ? [] : [[name, ids[n]] as const])));
  }
}

interface Followed extends Pick<IncludeParameter, 'type' | 'code'> {
  readonly target: string | null;
  /** Types at the far end. */
  readonly reached: readonly string[];
}

/** The parameters of a directive that start from resources of these types. */
function followed({ reverse, target, parameters }: IncludeDirective, types: readonly string[]): Followed[] {
  if (!reverse) {
    const outbound = parameters.filter(({ type }) => types.includes(type));
    return outbound.map((one) => ({ ...one, target, reached: target === null ? one.targets : [target] }));
  }
  const started = target === null ? types : types.filter((type) => type === target);
  const inbound = parameters.filter(({ targets }) => started.some((type) => targets.includes(type)));
  return inbound.map((one) => ({ ...one, target, reached: [one.type] }));
}
