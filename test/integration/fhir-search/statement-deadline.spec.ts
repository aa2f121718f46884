import { extract } from '../../../src/fhir/search/extraction/index.js';
import type { SearchParameterPair } from '../../../src/fhir/search/parse-search.js';
import type { SearchExpression, SearchQuery } from '../../../src/fhir/search/query.js';
import type { SqlSearchOptions } from '../../../src/fhir/storage/sql/search/sql-search.js';
import type { SqlRow, SqlSession, SqlValue } from '../../../src/platform/database/index.js';
import { sqliteHandle } from '../../../src/platform/database/drivers.js';
import { DeadlinePassed } from '../../../src/platform/database/statement-deadline.js';
import { sqlite } from '../../kit/databases.js';
import { bases, openSearchStore, put, queryOf, type SearchStore, type TestResource } from './search-store.js';

/** Resources of each type; their numbers in the database are odd. */
const RESOURCES = 300;

const observation = (n: number): TestResource => ({
  ...{ resourceType: 'Observation', id: `o${n}`, status: 'final' },
  subject: { reference: `Patient/p${n}` },
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'heart rate' },
  effectiveDateTime: `2024-01-${String(1 + (n % 28)).padStart(2, '0')}`,
  valueQuantity: { value: n % 7 },
});
const patient = (n: number): TestResource => ({
  ...{ resourceType: 'Patient', id: `p${n}`, gender: 'female' },
  name: [{ family: `Family${n}` }],
});

describe('the deadline of a statement on SQLite', () => {
  let opened: SearchStore;
  /** How often each statement of a search has looked at the clock. */
  let looks: number[] = [];
  /** Looks after which the time is over. */
  let allowed = Infinity;

  beforeAll(async () => {
    opened = await openSearchStore(sqlite);
    for (let n = 0; n < RESOURCES; n++) {
      for (const resource of [patient(n), observation(n)]) {
        let isEven = false;
        for (let m = 0; !isEven; m++) {
          await put(opened.store, { resourceType: 'Basic', id: `even-${m}-${resource.id}` });
          const [last] = await session.query('SELECT MAX(rid) AS rid FROM resource');
          isEven = Number(last?.rid) % 2 === 0;
        }
        const { resourceType } = resource;
        await put(opened.store, resource, 'put', extract(resourceType, resource, { bases, text: 'all' }));
      }
    }
    sqliteHandle(opened.database.reader).function('firekeep_deadline', { deterministic: false }, (_row) => {
      looks[looks.length - 1] = (looks.at(-1) ?? 0) + 1;
      if ((looks.at(-1) ?? 0) > allowed) throw new DeadlinePassed();
      return 1;
    });
  });
  afterAll(() => opened.close());

  const session: SqlSession = {
    dialect: 'sqlite',
    query: <T extends SqlRow>(sql: string, values: readonly SqlValue[] = []) => {
      looks.push(0);
      return Promise.resolve(
        sqliteHandle(opened.database.reader)
          .prepare(sql)
          .all(...values) as T[],
      );
    },
    execute: () => Promise.reject(new Error('Nothing is written here.')),
    append: () => Promise.reject(new Error('Nothing is written here.')),
  };
  const search = (query: SearchQuery, options: Partial<SqlSearchOptions>) =>
    opened.searchOf(session, options)(query);

  /** Rules of a role that can be tested only, and let nothing be seen. */
  const rules = (type: string, parameter: SearchParameterPair): SearchExpression => ({
    kind: 'or',
    operands: Array.from({ length: 60 }, () => ({
      kind: 'and' as const,
      operands: queryOf(type, [parameter, ['_id:not', 'nobody']]).filter,
    })),
  });
  const access = {
    byType: new Map([
      ['Observation', rules('Observation', ['status:not', 'final'])],
      ['Patient', rules('Patient', ['gender:not', 'female'])],
    ]),
    others: rules('Basic', ['identifier:missing', 'false']),
  };

  it('is tried with numbers that are odd, save where a block of them begins', async () => {
    const rows = await session.query("SELECT rid FROM resource WHERE CAST(id AS TEXT) NOT LIKE 'even-%'");
    expect(rows).toHaveLength(2 * RESOURCES);
    expect(rows.filter(({ rid }) => Number(rid) % 2 === 0).length).toBeLessThan(RESOURCES / 30);
  });

  const shapes: [
    shape: string,
    type: string,
    parameters: [string, string][],
    options?: Partial<SqlSearchOptions>,
    more?: Partial<SearchQuery>,
  ][] = [
    ['a walk', 'Observation', [['value-quantity', 'lt100']], { gatherLimit: 0 }],
    [
      'a walk in the order of time',
      'Observation',
      [
        ['value-quantity', 'lt100'],
        ['_sort', '_lastUpdated'],
      ],
      { gatherLimit: 0 },
    ],
    [
      'an index range that is gathered',
      'Observation',
      [
        ['code', '8867-4'],
        ['value-quantity', 'lt100'],
      ],
    ],
    [
      'an index range that is gathered alone',
      'Observation',
      [
        ['code', '8867-4'],
        ['_sort', 'value-quantity'],
      ],
    ],
    [
      'an index range that is read in its order',
      'Observation',
      [
        ['code', '8867-4'],
        ['value-quantity', 'lt100'],
      ],
      { gatherLimit: 10 },
    ],
    ['a chain', 'Observation', [['subject:Patient.gender', 'female']], { gatherLimit: 0 }],
    [
      'a chain from its other end',
      'Observation',
      [
        ['subject:Patient.gender', 'female'],
        ['value-quantity', 'lt100'],
      ],
    ],
    ['what refers', 'Patient', [['_has:Observation:subject:status', 'final']], { gatherLimit: 0 }],
    [
      'what refers, from its other end',
      'Patient',
      [
        ['_has:Observation:subject:code', '8867-4'],
        ['gender', 'female'],
      ],
    ],
    [
      'an order of values',
      'Observation',
      [
        ['_sort', '-date'],
        ['value-quantity', 'lt100'],
      ],
    ],
    ['an order that is computed', 'Observation', [['_sort', 'value-quantity,-code']]],
    [
      'a count',
      'Observation',
      [['value-quantity', 'lt100']],
      { gatherLimit: 0 },
      { count: 0, total: 'accurate' },
    ],
    ['what is not', 'Observation', [['status:not', 'amended']], { gatherLimit: 0 }],
    ['what is missing', 'Observation', [['subject:missing', 'false']], { gatherLimit: 0 }],
    [
      'words',
      'Observation',
      [
        ['_content', 'heart'],
        ['value-quantity', 'lt100'],
      ],
    ],
    [
      'words that are tested',
      'Observation',
      [
        ['_content', 'heart'],
        ['status', 'final'],
      ],
      { gatherLimit: 0 },
    ],
  ];

  describe.each(shapes)('in %s', (_shape, type, parameters, options = {}, more = {}) => {
    const query = (): SearchQuery => ({ ...queryOf(type, parameters, 1000), ...more });
    beforeEach(() => {
      looks = [];
      allowed = Infinity;
    });

    it('is looked at while rows are visited', async () => {
      await search(query(), options);
      // One row in 16 of each loop at the least, of a page or a total that visits all of them.
      expect(looks.at(-1)).toBeGreaterThan(RESOURCES / 32);
    });

    it('stops it', async () => {
      allowed = 3;
      await expect(search(query(), options)).rejects.toMatchObject({ code: 'FHIR_SEARCH_TOO_COSTLY' });
    });

    it('is looked at for each row where a role has many rules', async () => {
      await search({ ...query(), access }, { gatherLimit: 0 });
      expect(Math.max(...looks)).toBeGreaterThanOrEqual(RESOURCES);
    });
  });
});
