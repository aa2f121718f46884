// The result file of `npm run bench:search`.

const ms = (value) =>
  value === undefined || Number.isNaN(value) ? '' : value < 10 ? value.toFixed(1) : String(Math.round(value));
const table = (columns, rows) =>
  [
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');

/**
 * @param {object[]} results of `measureTarget`
 * @returns {string} Markdown
 */
export function report(results, { seconds, inFlight, entries, seed }, machine) {
  const intro =
    `${machine}; client, server (one process) and database share the cores. ${entries} entries a page, ${seconds} s a\n` +
    `measurement, after 6 s of all kinds of searches. *Full*: ${inFlight} requests in flight, so that p95 is mostly queueing; *half*: half of that rate, each\n` +
    `time counted from when its request was due. Times in ms. *Rows*: rows that the storage engine was asked for, a request,\n` +
    `of one request at a time. *CPU*: microseconds a request of the server, and of the database. Seed ${seed}.`;
  return `# Results of \`npm run bench:search\`\n\n${intro}\n\n${results.map(section).join('\n\n')}\n`;
}

function section({ label, memory, size, rows, tables }) {
  const of = (group) => rows.filter((row) => row.group === group);
  const usual = rows.filter(({ full }) => full !== undefined);
  const parts = [`## ${label} resources (${memory})`];
  if (usual.length > 0) parts.push(usualTable(usual));
  if (of('page').length > 0) {
    parts.push(
      table(
        ['pages', 'page 2', 'late page'],
        of('page').map(({ name, early, late }) => [name, ms(early), ms(late)]),
      ),
    );
  }
  if (of('worst').length > 0) {
    parts.push(
      table(
        ['worst', 'status', 'ms', 'rows', 'said'],
        of('worst').map(({ name, status, ms: took, rowsRead, said }) => [
          name.replace('worst: ', ''),
          status,
          ms(took),
          rowsRead ?? '',
          said ?? '',
        ]),
      ),
    );
  }
  if (of('beside').length > 0) {
    parts.push(
      table(
        [
          'beside heavy searches',
          'alone p50',
          'alone p95',
          'beside p50',
          'beside p95',
          'answers of the heavy ones',
        ],
        of('beside').map(({ name, alone, beside, statuses }) => [
          name,
          ms(alone.p50),
          ms(alone.p95),
          ms(beside.p50),
          ms(beside.p95),
          Object.entries(statuses)
            .map(([status, count]) => `${count} × ${status}`)
            .join(', '),
        ]),
      ),
    );
  }
  parts.push(sizeTable(tables, size));
  return parts.join('\n\n');
}

function usualTable(rows) {
  return table(
    [
      'search',
      'full: searches/s',
      'full p50',
      'full p95',
      'half p50',
      'half p95',
      'half: in flight',
      'rows',
      'CPU',
    ],
    rows.map(({ name, full, half, rowsRead, cpu, databaseCpu }) => [
      name,
      Math.round(full.perSecond),
      ms(full.p50),
      ms(full.p95),
      ms(half.p50),
      ms(half.p95),
      half.inFlight,
      rowsRead ?? '',
      databaseCpu === undefined ? cpu : `${cpu} + ${databaseCpu}`,
    ]),
  );
}

function sizeTable(tables, size) {
  const index = tables.filter(({ name }) => name.startsWith('index_'));
  const total = index.reduce((sum, { bytes }) => sum + bytes, 0);
  const share = ({ name, bytes }) => [
    name,
    Math.round(bytes / size),
    name.startsWith('index_') ? `${Math.round((bytes / total) * 100)} %` : '',
  ];
  return table(
    ['table with its keys', 'bytes a resource', 'share of the index'],
    [...tables.map(share), ['all of the index', Math.round(total / size), '100 %']],
  );
}
