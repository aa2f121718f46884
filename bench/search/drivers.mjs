// `node bench/search/drivers.mjs mysql://…`: how long a page takes when one condition's rows are gathered, and when the
// resources are walked in the order of the page instead, by the number of rows of that condition. docs/adr/0012 has
// what came of it. The database is one that `npm run bench:search` has filled.
import { ensureBuilt, ensureInstalled } from '../../scripts/prepare.mjs';

ensureInstalled();
ensureBuilt();
const { migrations } = await import('../../dist/migrations/index.js');
const { loadDefinitions } = await import('../../dist/src/fhir/definitions/index.js');
const { parseSearch } = await import('../../dist/src/fhir/search/parse-search.js');
const { defaultSearchLimits } = await import('../../dist/src/fhir/search/search-limits.js');
const { SqlInternedNames } = await import('../../dist/src/fhir/storage/sql/interned-names.js');
const { ReadSession } = await import('../../dist/src/fhir/storage/sql/read-session.js');
const { SqlSearch } = await import('../../dist/src/fhir/storage/sql/search/sql-search.js');
const { Settings } = await import('../../dist/src/platform/config/index.js');
const { closeDatabase, openDatabase } = await import('../../dist/src/platform/database/index.js');

const databaseUrl = process.argv[2];
const rounds = 5;
const ways = { gather: 10_000_000, walk: 0 };
/** Patients whose observations are one condition. */
const groups = [5, 25, 75, 150, 300, 600];
const beside = { 'none beside': [], 'a common token': [['status', 'final']] };

const database = await openDatabase(Settings.of({ databaseUrl, logLevel: 'error' }), [], [...migrations]);
const session = new ReadSession(database);
const names = new SqlInternedNames(database);
const definitions = loadDefinitions();

function queryOf(parameters, count, total = 'none', type = 'Observation') {
  const { query } = parseSearch({
    repository: 'default',
    types: [type],
    parameters,
    handling: 'strict',
    definitions,
    bases: [],
    zone: 'UTC',
    text: 'none',
    limits: { ...defaultSearchLimits, values: 1000, parameterLength: 100_000, maximumCount: 1000 },
  });
  return { ...query, count, total };
}

async function median(gatherLimit, queries) {
  const search = new SqlSearch(names, { gatherLimit, timeout: 20_000 });
  const times = [];
  for (const query of queries) {
    const started = performance.now();
    try {
      await search.page(session, query);
      times.push(performance.now() - started);
    } catch {
      times.push(Infinity);
    }
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

console.log('| rows | beside | gather, ms | walk, ms |\n|---|---|---|---|');
const { total: population } = await new SqlSearch(names).page(session, queryOf([], 1, 'accurate', 'Patient'));
for (const patients of groups) {
  const conditions = Array.from({ length: rounds }, (_, n) => {
    const ids = Array.from(
      { length: patients },
      (_, k) => `p${Math.floor(((k + n / rounds) * population) / patients)}`,
    );
    return [['patient', ids.join(',')]];
  });
  const { total } = await new SqlSearch(names, { timeout: 20_000 }).page(
    session,
    queryOf(conditions[0], 1, 'accurate'),
  );
  for (const [label, more] of Object.entries(beside)) {
    const queries = conditions.map((condition) => queryOf([...condition, ...more], 20));
    const times = [];
    for (const gatherLimit of Object.values(ways)) {
      await median(gatherLimit, queries);
      times.push((await median(gatherLimit, queries)).toFixed(1));
    }
    console.log(`| ${total} | ${label} | ${times.join(' | ')} |`);
  }
}
await closeDatabase(database);
