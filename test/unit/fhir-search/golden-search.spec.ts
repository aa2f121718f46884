import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'node-sql-parser';
import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import { membershipOf } from '../../../src/fhir/search/compartment-membership.js';
import { decodeQueryString } from '../../../src/fhir/search/parse-criteria.js';
import { parseSearch } from '../../../src/fhir/search/parse-search.js';
import { resolveLookups } from '../../../src/fhir/search/resolve-lookups.js';
import type {
  Lookup,
  ParameterTest,
  SearchAccess,
  SearchExpression,
  SearchQuery,
} from '../../../src/fhir/search/query.js';
import type { InternedNames } from '../../../src/fhir/storage/sql/keys.js';
import { SqlSearch } from '../../../src/fhir/storage/sql/search/sql-search.js';
import type { Dialect, SqlRow, SqlSession, SqlValue } from '../../../src/platform/database/index.js';

/*
 * From a query string to its meaning and its statements on both databases, kept in files to be read in reviews.
 * FIREKEEP_UPDATE_GOLDEN=1 writes them anew.
 */
const folder = join(__dirname, '../../golden/search');
const update = process.env.FIREKEEP_UPDATE_GOLDEN === '1';

interface GoldenCase {
  readonly name: string;
  readonly search: string;
  /** Rows that the statements are told each condition has; beyond 3000 they are not gathered. */
  readonly rows?: number;
  readonly after?: readonly (string | number)[];
  readonly before?: readonly (string | number)[];
  readonly access?: SearchAccess;
}

/** A patient's own resources. */
const ownOnly: SearchAccess = {
  byType: new Map<string, SearchExpression>([
    ['Patient', { kind: 'id', ids: ['own'] }],
    [
      'Observation',
      { kind: 'chain', code: 'subject', targets: ['Patient'], operand: { kind: 'id', ids: ['own'] } },
    ],
  ]),
  others: { kind: 'or', operands: [] },
};

/** The compartment of a patient. */
const compartment: SearchAccess = {
  byType: new Map(
    ['Patient', 'Observation', 'Encounter'].map((type) => [
      type,
      membershipOf(loadDefinitions(), { type: 'Patient', id: 'own' }, [type]) ?? { kind: 'or', operands: [] },
    ]),
  ),
  others: { kind: 'or', operands: [] },
};

/** Forms of statements that only filters have. */
const filters: readonly (readonly [name: string, search: string, rows: number])[] = [
  ['logic', 'Patient?given eq peter or given eq ann and not (birthdate ge 2014-10-10)', 10],
  ['string-whole', 'Patient?name eq "Müller"', 10],
  ['string-whole-long', `Patient?name eq ${'o'.repeat(300)}`, 10],
  ['string-ne', 'Patient?name ne "Müller" and gender eq male', 5000],
  ['string-ends', 'Patient?name ew ler', 10],
  ['string-order', 'Patient?family gt m and family le p', 10],
  ['number-contains', 'RiskAssessment?probability co 0.8', 10],
  ['date-contains', 'Encounter?date co 2024-01-01', 10],
  ['last-updated', 'Patient?_lastUpdated co 2024-01-01T00:00:00.000Z', 10],
  ['token-ne', 'Observation?code ne http://loinc.org%7C8867-4', 5000],
  [
    'element',
    'DocumentReference?relatesTo[code eq replaces or code eq appends].target re DocumentReference/1',
    10,
  ],
];

const cases: readonly GoldenCase[] = [
  { name: 'all', search: 'Patient?' },
  { name: 'all-next-page', search: 'Patient?', after: ['rid', 42] },
  { name: 'id', search: 'Patient?_id=a,b' },
  { name: 'last-updated', search: 'Patient?_lastUpdated=ge2024-01-01&_lastUpdated=lt2024-02-01', rows: 10 },
  {
    name: 'sort-last-updated',
    search: 'Patient?_sort=-_lastUpdated',
    after: ['last_updated<', 1700000000000, 42],
  },
  { name: 'sort-id', search: 'Patient?_sort=_id', after: ['id>', 'a', 42] },
  { name: 'token-code', search: 'Observation?code=8867-4', after: ['rid', 42] },
  { name: 'token-system-and-code', search: 'Observation?code=http://loinc.org%7C8867-4' },
  { name: 'token-upper-case', search: 'Observation?code=ABC', rows: 10 },
  { name: 'token-without-system', search: 'Observation?code=%7C8867-4' },
  { name: 'token-any-of-system', search: 'Observation?code=http://loinc.org%7C', rows: 5000 },
  { name: 'token-alternatives', search: 'Observation?status=final,amended', rows: 5000 },
  { name: 'string-starts', search: 'Patient?name=Müller', rows: 10 },
  { name: 'string-contains', search: 'Patient?name:contains=Müller', rows: 10 },
  { name: 'string-exact', search: 'Patient?family:exact=Müller', rows: 10 },
  { name: 'date-eq', search: 'Patient?birthdate=1970-05', rows: 10 },
  { name: 'date-gt', search: 'Encounter?date=gt2024-01-01', rows: 10 },
  { name: 'date-ge-le', search: 'Encounter?date=ge2024&date=le2024', rows: 5000 },
  { name: 'date-range-and-code', search: 'Observation?code=8867-4&date=ge2024&date=lt2025', rows: 1000 },
  { name: 'date-range-of-several', search: 'Goal?target-date=ge2024&target-date=lt2025', rows: 10 },
  { name: 'date-ap', search: 'Encounter?date=ap2024-01-01', rows: 10 },
  { name: 'number', search: 'RiskAssessment?probability=gt0.8', rows: 10 },
  { name: 'quantity', search: 'Observation?value-quantity=5.4%7Chttp://unitsofmeasure.org%7Cmg', rows: 10 },
  {
    name: 'quantity-other-units',
    search: 'Observation?value-quantity=ge5.4%7Chttp://unitsofmeasure.org%7Cmg,5%7C%7Ctablets',
    rows: 10,
  },
  {
    name: 'composite-units',
    search: 'Observation?code-value-quantity=8480-6$gt18%7Chttp://unitsofmeasure.org%7CkPa',
    rows: 10,
  },
  { name: 'quantity-printed-unit', search: 'Observation?value-quantity=le5.4%7C%7Cmg', rows: 10 },
  {
    name: 'composite-concept',
    search:
      'Observation?combo-code-value-concept=http://loinc.org%7C8867-4$http://snomed.info/sct%7C10828004',
    after: ['rid', 42],
  },
  {
    name: 'composite-quantity',
    search: 'Observation?component-code-value-quantity=8480-6$ge140%7C%7Cmm[Hg],ABC$5.4',
    rows: 10,
  },
  { name: 'composite-date', search: 'Observation?code-value-date=8480-6$ge2024-05', rows: 10 },
  {
    name: 'composite-reference',
    search: 'DocumentReference?relationship=DocumentReference/1$replaces',
    rows: 10,
  },
  {
    name: 'composite-coordinates',
    search: 'MolecularSequence?chromosome-variant-coordinate=1$lt345$gt123',
    rows: 10,
  },
  { name: 'near', search: 'Location?near=42.25%7C-83.69%7C11.2%7Ckm', rows: 10 },
  { name: 'words', search: 'Patient?_content=high press*', rows: 5000 },
  { name: 'narrative-words', search: 'Patient?_text=高血圧 OR low', rows: 10 },
  { name: 'reference-id', search: 'Observation?subject=23' },
  { name: 'reference-type-and-id', search: 'Observation?subject=Patient/23,Patient/24', rows: 10 },
  { name: 'reference-url', search: 'Observation?subject=https://other.example.org/Patient/23' },
  { name: 'canonical-version', search: 'QuestionnaireResponse?questionnaire=http://example.org/q%7C1.0' },
  {
    name: 'canonical-version-below',
    search: 'QuestionnaireResponse?questionnaire:below=http://example.org/q%7C1.4',
  },
  {
    name: 'canonical-version-above',
    search: 'QuestionnaireResponse?questionnaire:above=http://example.org/q%7C1.4',
  },
  { name: 'reference-identifier', search: 'Observation?subject:identifier=http://example.org/mrn%7C17' },
  {
    name: 'token-not',
    search: 'Observation?code:not=8867-4,http://loinc.org%7C8310-5&status=final',
    rows: 5000,
  },
  { name: 'token-in', search: 'Observation?code:in=http://example.org/vs', rows: 10 },
  { name: 'token-not-in', search: 'Observation?code:not-in=http://example.org/vs&status=final', rows: 5000 },
  { name: 'reference-below', search: 'Procedure?location:below=Location/a', rows: 10 },
  { name: 'token-text', search: 'Condition?code:text=Headache', rows: 10 },
  {
    name: 'token-of-type',
    search: 'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203%7CMR%7C446053',
  },
  { name: 'uri-above', search: 'ValueSet?url:above=http://example.org/fhir/vs', rows: 10 },
  { name: 'uri-below', search: 'ValueSet?url:below=http://example.org/fhir/', rows: 10 },
  { name: 'uri', search: 'ValueSet?url=http://example.org/vs' },
  { name: 'missing', search: 'Patient?birthdate:missing=true&gender=male', rows: 5000 },
  { name: 'selective-and-common', search: 'Observation?code=8867-4&status=final,amended', rows: 10 },
  {
    name: 'sorted-first',
    search: 'Patient?family=smith&birthdate=lt1990',
    rows: 1000,
    after: ['rid', 42],
  },
  { name: 'common-and-common', search: 'Observation?code=8867-4&status=final', rows: 5000 },
  {
    name: 'sort-date',
    search: 'Observation?subject=Patient/23&_sort=-date',
    rows: 10,
    after: ['values', '#', 5, 42],
  },
  {
    name: 'sort-date-of-many',
    search: 'Observation?status=final&_sort=-date',
    rows: 5000,
    after: ['values', '#', 1710000000000, 42],
  },
  {
    name: 'sort-date-backwards',
    search: 'Observation?_sort=-date',
    before: ['values', '#', 1690000000000, 42],
  },
  { name: 'sort-string-of-all', search: 'Patient?_sort=family' },
  { name: 'sort-token-of-all', search: 'Observation?_sort=-code', after: ['values', '$', 'x', 42] },
  {
    name: 'sort-two-keys',
    search: 'Observation?subject=Patient/23&_sort=code,-date',
    rows: 10,
    after: ['values', '$', '8867-4', '-', 0, 42],
  },
  { name: 'total', search: 'Observation?status=final,amended&_summary=count', rows: 10 },
  {
    name: 'include',
    search: 'Observation?_id=o1&_include=Observation:subject:Patient&_include=Observation:performer',
  },
  { name: 'revinclude', search: 'Patient?_id=a&_revinclude=Observation:subject&_revinclude=Encounter:*' },
  { name: 'include-iterate-all', search: 'Observation?_id=o1&_include:iterate=*' },
  { name: 'chain', search: 'Observation?subject:Patient.name=peter', rows: 10 },
  { name: 'chain-to-common', search: 'Observation?subject:Patient.gender=male', rows: 5000 },
  { name: 'chain-of-two', search: 'Observation?patient.organization.name=a&code=8867-4', rows: 10 },
  { name: 'has', search: 'Patient?_has:Observation:patient:code=8867-4', rows: 10 },
  { name: 'has-common', search: 'Patient?_has:Observation:patient:status=final', rows: 5000 },
  {
    name: 'has-nested',
    search: 'Patient?_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/1',
    rows: 10,
  },
  {
    name: 'several-types',
    search: 'Patient,Observation?_lastUpdated=gt2024',
    rows: 5000,
    after: ['rid', 42],
  },
  { name: 'several-types-sorted', search: 'Patient,Observation?_sort=-_lastUpdated' },
  ...filters.map(([name, filter, rows]) => ({
    name: `filter-${name}`,
    search: filter.replace('?', '?_filter='),
    rows,
  })),
  {
    name: 'filter-access',
    search: 'Observation?_filter=subject[gender eq male].name co pet',
    rows: 10,
    access: ownOnly,
  },
  { name: 'access', search: 'Observation?subject:Patient.name=peter', rows: 10, access: ownOnly },
  { name: 'compartment', search: 'Observation?status=final', rows: 10, access: compartment },
  { name: 'compartment-named', search: 'Observation?patient=own', access: compartment },
  {
    name: 'compartment-named-and-code',
    search: 'Observation?subject=Patient/own&code=8867-4',
    rows: 10,
    access: compartment,
  },
  { name: 'compartment-not-named', search: 'Observation?subject=own', rows: 10, access: compartment },
  { name: 'compartment-itself', search: 'Patient?_id=own', access: compartment },
  {
    name: 'compartment-include',
    search: 'Encounter?patient=own&_include=Encounter:patient&_revinclude=Observation:encounter',
    access: compartment,
  },
  { name: 'access-of-several-types', search: 'Patient,Observation,Condition?', rows: 5000, access: ownOnly },
];

test.each(cases)('$name', async (golden) => {
  const text = await goldenText(golden);
  const file = join(folder, `${golden.name}.txt`);
  if (update) writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : 'absent').toBe(text);
});

test('every file belongs to a case', () => {
  expect(readdirSync(folder).sort()).toEqual(cases.map(({ name }) => `${name}.txt`).sort());
});

test.each(cases)("$name is in MySQL's grammar", async (golden) => {
  for (const { sql } of await statementsOf(await queryOf(golden), 'mysql', golden.rows ?? 0)) {
    // The parser knows neither hints nor STRAIGHT_JOIN.
    const plain = sql
      .replace(/\/\*.*?\*\/\s*/g, '')
      .replace(/ FORCE INDEX \(\w+\)/g, '')
      .replace(/ STRAIGHT_JOIN /g, ' JOIN ');
    expect(() => new Parser().parse(plain, { database: 'mysql' })).not.toThrow();
  }
});

/** What value sets, concepts and hierarchies come to in these files. */
function found(lookup: Lookup): Promise<readonly ParameterTest[]> {
  if (lookup.find === 'parts') {
    const { targetType } = lookup;
    return Promise.resolve(
      ['a', 'b'].map((targetId) => ({ type: 'reference', targetType, targetId, url: undefined })),
    );
  }
  return Promise.resolve([
    { type: 'token', system: 'http://loinc.org', code: undefined, codes: ['8310-5', '8867-4', 'LP7'] },
    { type: 'token', system: 'http://snomed.info/sct', code: undefined, coded: true },
  ]);
}

async function queryOf({ search, after, before, access }: GoldenCase): Promise<SearchQuery> {
  const [types = '', queryString = ''] = search.split('?');
  const { query } = parseSearch({
    repository: 'default',
    types: types.split(','),
    parameters: decodeQueryString(queryString),
    handling: 'strict',
    definitions: loadDefinitions(),
    bases: ['https://fhir.example.org/r4'],
    zone: 'UTC',
  });
  const resolved = await resolveLookups(query, found);
  return {
    ...resolved,
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    ...(access === undefined ? {} : { access }),
  };
}

async function goldenText(golden: GoldenCase): Promise<string> {
  const query = await queryOf(golden);
  const sections = [golden.search, JSON.stringify(query, withoutWildcards, 2)];
  for (const dialect of ['mysql', 'sqlite'] as const) {
    for (const { sql, values } of await statementsOf(query, dialect, golden.rows ?? 0)) {
      sections.push(`-- ${dialect}\n${layOut(sql)}\n-- ${JSON.stringify(values)}`);
    }
  }
  return `${sections.join('\n\n')}\n`;
}

interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

async function statementsOf(query: SearchQuery, dialect: Dialect, rows: number): Promise<Statement[]> {
  const statements: Statement[] = [];
  const session: SqlSession = {
    dialect,
    query: <T extends SqlRow>(sql: string, values: readonly SqlValue[] = []) => {
      statements.push({ sql, values });
      const counts = Object.fromEntries([...sql.matchAll(/ AS (c\d+)/g)].map(([, name]) => [name, rows]));
      return Promise.resolve(answerTo(sql, { ...counts, total: rows }, query) as T[]);
    },
    execute: () => Promise.reject(new Error('A search writes nothing.')),
    append: () => Promise.reject(new Error('A search writes nothing.')),
  };
  await new SqlSearch(numbers()).page(session, query);
  return statements;
}

/** The parameters that a wildcard stands for are too many to be read. */
function withoutWildcards(name: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value) as unknown;
  return name === 'parameters' && Array.isArray(value) && value.length > 5 ? value.length : value;
}

/** Counts, a value in the middle of an index, and a match to which includes belong. */
function answerTo(sql: string, counts: SqlRow, { types, includes }: SearchQuery): SqlRow[] {
  if (/ AS (c0|total)/.test(sql)) return [counts];
  if (sql.includes(' AS edge'))
    return [{ edge: sql.includes('index_date') ? 1700000000000 : Buffer.from('m') }];
  if (includes === undefined || sql.includes('index_reference')) return [];
  return [{ rid: 7, type: 2, id: types[0], version: 1, last_updated: 0, content: Buffer.from('{}') }];
}

/** Numbers in the order in which names are asked for. */
function numbers(): InternedNames {
  const given = new Map<string, number>();
  const number = (name: string): Promise<number> => {
    if (!given.has(name)) given.set(name, given.size + 1);
    return Promise.resolve(given.get(name) ?? 0);
  };
  return {
    repositoryId: (_, name) => number(`repository ${name}`),
    typeId: (_, name) => number(`type ${name}`),
    typeIds: (_, names) => Promise.all(names.map((name) => number(`type ${name}`))),
    typeName: () => Promise.resolve(''),
    parameterIds: (_, repository, parameters) =>
      Promise.all(parameters.map(({ type, code }) => number(`parameter ${repository} ${type} ${code}`))),
    systemId: (_, uri) => number(`system ${uri}`),
  };
}

/** A clause a line. */
function layOut(sql: string): string {
  return sql.replace(
    / (FROM \(|FROM|WHERE|AND|ORDER BY|GROUP BY|UNION|STRAIGHT_JOIN|CROSS JOIN)(?= |\(|$)/g,
    '\n  $1',
  );
}
