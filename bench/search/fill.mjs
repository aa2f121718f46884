// Fills a database with a population, by the store's own code: the rows are those that the server would write.
//   node bench/search/fill.mjs --database=mysql://… --size=1000000 [--seed=1]
import { root } from '../../scripts/prepare.mjs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { population } from './population.mjs';

const built = (path) => import(pathToFileURL(join(root, 'dist', ...path.split('/'))).href);

/** Resources in one unit of the store, and units that wait at once. */
const UNIT = 400;
const WAITING = 3;

/**
 * @param {string} databaseUrl of an empty database
 * @returns {Promise<{ resources: number, patients: number, seconds: number }>}
 */
export function fill(databaseUrl, size, seed = 1, progress = () => undefined) {
  return fillWith(databaseUrl, population(size, seed), progress);
}

/** @param {Iterable<readonly object[]>} groups resources, those of one patient together */
export async function fillWith(databaseUrl, groups, progress = () => undefined) {
  const [{ migrations }, { extract }, { readResourceText, spliceVersion }, { parseResource }] =
    await Promise.all(
      [
        'migrations/index.js',
        'src/fhir/search/extraction/index.js',
        'src/fhir/format/resource-text.js',
        'src/fhir/format/parsed-resource.js',
      ].map(built),
    );
  const [{ Settings }, { closeDatabase, openDatabase }, { SqlSearch }, { SqlResourceStore }] =
    await Promise.all(
      [
        'src/platform/config/index.js',
        'src/platform/database/index.js',
        'src/fhir/storage/sql/search/sql-search.js',
        'src/fhir/storage/sql/sql-resource-store.js',
      ].map(built),
    );
  const accept = (resource) => {
    const text = readResourceText(Buffer.from(JSON.stringify(resource)));
    const { object, decimalText } = parseResource(text);
    return { text, values: extract(text.type, object, { bases: [], timeZone: 'UTC', decimalText }) };
  };
  const unitOf = (accepted) => ({
    repository: 'default',
    bytes: accepted.reduce((sum, { text }) => sum + text.text.length, 0),
    apply: ({ now }) => ({
      writes: accepted.map(({ text, values }) => ({
        kind: 'create',
        type: text.type,
        id: text.id,
        version: 1,
        lastUpdated: now,
        content: spliceVersion(text, { id: text.id, version: 1, lastUpdated: now }),
        values,
        method: 'PUT',
      })),
      result: undefined,
    }),
  });
  const database = await openDatabase(Settings.of({ databaseUrl, logLevel: 'silent' }), [], migrations);
  const started = performance.now();
  let resources = 0;
  let patients = 0;
  try {
    const store = await SqlResourceStore.open(database, (names) => new SqlSearch(names), { groupUnits: 1 });
    const waiting = new Set();
    const write = async (accepted) => {
      const done = store.commit(unitOf(accepted)).finally(() => waiting.delete(done));
      waiting.add(done);
      resources += accepted.length;
      if (waiting.size >= WAITING) await Promise.race(waiting);
      progress(resources, (performance.now() - started) / 1000);
    };
    let unit = [];
    for (const group of groups) {
      patients += 1;
      unit.push(...group.map(accept));
      if (unit.length < UNIT) continue;
      await write(unit);
      unit = [];
    }
    if (unit.length > 0) await write(unit);
    await Promise.all(waiting);
    await store.drain();
    if (database.dialect === 'sqlite') await database.transaction((session) => session.execute('ANALYZE'));
  } finally {
    await closeDatabase(database);
  }
  return { resources, patients, seconds: (performance.now() - started) / 1000 };
}

if (process.argv[1] === import.meta.filename) {
  const option = (name, otherwise) =>
    process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;
  let shown = 0;
  const filled = await fill(
    option('database'),
    Number(option('size', '10000')),
    Number(option('seed', '1')),
    (n, seconds) => {
      if (n - shown < 50_000) return;
      shown = n;
      console.error(`${n} resources, ${Math.round(n / seconds)}/s`);
    },
  );
  console.log(JSON.stringify(filled));
}
