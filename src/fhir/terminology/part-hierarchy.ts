import { FirekeepError } from '../../platform/errors/index.js';
import type { Definitions, SearchParameter } from '../definitions/index.js';
import { extract } from '../search/extraction/index.js';
import { partOfParameter } from '../search/part-of.js';
import { restrictedTo } from '../search/restrict.js';
import type { ParameterTest, SearchAccess, SearchExpression, SearchQuery } from '../search/query.js';
import type { ResourceStore, StoredResource } from '../storage/ports.js';

/** Resources of one hierarchy that a search may name, and levels of it. */
const RESOURCES = 2_000;
const LEVELS = 64;
const PAGE = 500;

export interface PartHierarchyOptions {
  readonly store: Pick<ResourceStore, 'search'>;
  readonly definitions: Definitions;
  readonly repository: string;
  /** Addresses of the repository. */
  readonly bases: readonly string[];
  readonly access: SearchAccess | undefined;
}

/**
 * Follows the references by which resources of a type are part of others of it (`Location.partOf`), a level at a time.
 * What the caller may not see ends the way. Source: FHIR R4 search.html#recursive.
 */
export class PartHierarchy {
  private readonly parameter: SearchParameter;

  constructor(
    private readonly type: string,
    private readonly options: PartHierarchyOptions,
  ) {
    const parameter = partOfParameter(options.definitions, type);
    if (parameter === undefined) throw new Error(`${type} has no hierarchy.`);
    this.parameter = parameter;
  }

  /**
   * Tests for references to the resource and to all above or below it.
   *
   * @throws FirekeepError 422 `FHIR_HIERARCHY_TOO_LARGE`
   */
  async tests(id: string, relation: 'above' | 'below'): Promise<readonly ParameterTest[]> {
    const found = new Set([id]);
    let level = [id];
    for (let n = 0; level.length > 0; n++) {
      if (n > LEVELS) throw tooLarge(this.type, id);
      const next = relation === 'below' ? await this.partsOf(level) : await this.wholesOf(level);
      level = [...new Set(next)].filter((one) => !found.has(one));
      for (const one of level) found.add(one);
      if (found.size > RESOURCES) throw tooLarge(this.type, id);
    }
    return [...found].sort().map((one) => this.referenceTo(one));
  }

  private referenceTo(id: string): ParameterTest {
    return { type: 'reference', targetType: this.type, targetId: id, url: undefined };
  }

  private async partsOf(ids: readonly string[]): Promise<string[]> {
    const { code } = this.parameter;
    const tests = ids.map((id) => this.referenceTo(id));
    const parts = await this.search({ kind: 'parameter', code, type: 'reference', anyOf: tests });
    return parts.map(({ id }) => id);
  }

  private async wholesOf(ids: readonly string[]): Promise<string[]> {
    const parts = await this.search({ kind: 'id', ids });
    return parts.flatMap((part) => this.wholes(part));
  }

  private wholes({ content }: StoredResource): string[] {
    const { definitions, bases } = this.options;
    const values = extract(this.type, JSON.parse(content.toString('utf8')), { definitions, bases });
    const own = values.find(({ code }) => code === this.parameter.code)?.values ?? [];
    return own.flatMap((value) =>
      value.type === 'reference' && value.targetType === this.type ? (value.targetId ?? []) : [],
    );
  }

  private async search(filter: SearchExpression): Promise<StoredResource[]> {
    const { store, repository, access } = this.options;
    const query: SearchQuery = {
      repository,
      types: [this.type],
      filter: [filter],
      sort: [],
      count: PAGE,
      total: 'none',
    };
    const found: StoredResource[] = [];
    for (let after: SearchQuery['after'] | null; after !== null;) {
      const page = await store.search(
        restrictedTo(after === undefined ? query : { ...query, after }, access),
      );
      found.push(...page.matches);
      if (found.length > RESOURCES) break;
      after = page.next;
    }
    return found;
  }
}

function tooLarge(type: string, id: string): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_HIERARCHY_TOO_LARGE',
    `The hierarchy of ${type}/${id} has more than ${RESOURCES} resources or ${LEVELS} levels. Start further down.`,
  );
}
