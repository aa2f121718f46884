import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import { parseSearch } from '../../../src/fhir/search/parse-search.js';
import type { SearchQuery } from '../../../src/fhir/search/query.js';
import type { InternedNames } from '../../../src/fhir/storage/sql/keys.js';
import { SqlSearch } from '../../../src/fhir/storage/sql/search/sql-search.js';
import type { SqlRow, SqlSession } from '../../../src/platform/database/index.js';

const names: InternedNames = {
  repositoryId: () => Promise.resolve(1),
  typeId: () => Promise.resolve(2),
  typeIds: (_, types) => Promise.resolve(types.map(() => 2)),
  typeName: () => Promise.resolve(''),
  parameterIds: (_, __, parameters) => Promise.resolve(parameters.map((_one, n) => 3 + n)),
  systemId: () => Promise.resolve(9),
};

type Kind = 'edge' | 'near' | 'all';
type Answer = (kind: Kind) => SqlRow[];

const row = (rid: number): SqlRow => ({
  rid,
  type: 2,
  id: `o${rid}`,
  version: 1,
  last_updated: 0,
  k0: 1_700_000_000_000,
  content: Buffer.from('{}'),
});

const queryOf = (search: readonly (readonly [string, string])[]): SearchQuery =>
  parseSearch({
    repository: 'default',
    types: ['Observation'],
    parameters: search,
    handling: 'strict',
    definitions: loadDefinitions(),
    bases: [],
    zone: 'UTC',
  }).query;

/** Which statements a page of two takes, and how long each may, with what they answer. */
async function statementsOf(answer: Answer, search = [['_sort', '-date']] as [string, string][]) {
  const kinds: [Kind, number | undefined][] = [];
  const session: SqlSession = {
    dialect: 'mysql',
    query: <T extends SqlRow>(sql: string, _values: unknown, timeout?: number) => {
      const kind = sql.includes(' AS edge') ? 'edge' : sql.includes('index_date_long') ? 'near' : 'all';
      kinds.push([kind, timeout]);
      return new Promise<T[]>((resolve) => resolve(answer(kind) as T[]));
    },
    execute: () => Promise.reject(new Error('A search writes nothing.')),
    append: () => Promise.reject(new Error('A search writes nothing.')),
  };
  const page = await new SqlSearch(names).page(session, { ...queryOf(search), count: 2 });
  return { kinds, page };
}

const edge: SqlRow = { edge: 1_600_000_000_000 };
const timedOut = (): never => {
  throw Object.assign(new Error('max_statement_time exceeded'), { errno: 1969 });
};

describe('a page in the order of values', () => {
  it('is read up to its edge', async () => {
    const { kinds, page } = await statementsOf((kind) =>
      kind === 'edge' ? [edge] : [row(3), row(2), row(1)],
    );
    expect(kinds.map(([kind]) => kind)).toEqual(['edge', 'near']);
    expect(page.matches.map(({ id }) => id)).toEqual(['o3', 'o2']);
    expect(page.next).toEqual(['values', '#', 1_700_000_000_000, 2]);
    expect(kinds[0]?.[1]).toBeLessThanOrEqual(200);
    expect(kinds[1]?.[1]).toBeGreaterThan(1000);
  });

  it('is read whole where fewer matches than it needs lie before the edge', async () => {
    const { kinds, page } = await statementsOf((kind) =>
      kind === 'edge' ? [edge] : kind === 'near' ? [row(3), row(2)] : [row(3), row(2), row(1)],
    );
    expect(kinds.map(([kind]) => kind)).toEqual(['edge', 'near', 'all']);
    expect(page.next).not.toBeNull();
  });

  it('is read whole where no edge is found, or not in time', async () => {
    const none = await statementsOf((kind) => (kind === 'edge' ? [] : [row(1)]));
    expect(none.kinds.map(([kind]) => kind)).toEqual(['edge', 'all']);
    const late = await statementsOf((kind) => (kind === 'edge' ? timedOut() : [row(1)]));
    expect(late.kinds.map(([kind]) => kind)).toEqual(['edge', 'all']);
    expect(late.page.matches).toHaveLength(1);
  });

  it('fails where the search fails', async () => {
    const broken = new Error('gone');
    await expect(
      statementsOf(() => {
        throw broken;
      }),
    ).rejects.toBe(broken);
    await expect(statementsOf((kind) => (kind === 'edge' ? [] : timedOut()))).rejects.toMatchObject({
      code: 'FHIR_SEARCH_TOO_COSTLY',
    });
  });

  it('has no edge in an order that no index has', async () => {
    const { kinds } = await statementsOf(() => [row(1)], [['_sort', 'value-quantity']]);
    expect(kinds.map(([kind]) => kind)).toEqual(['all']);
  });
});
