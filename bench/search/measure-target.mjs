// Measures every case on one database.
import { cpuSeconds } from '../measure.mjs';
import { Client } from './client.mjs';
import { cases, pathsOf } from './queries.mjs';
import { Server } from './server.mjs';
import { sizeLabel } from './target.mjs';

/** Requests of a case by which rows are counted. */
const COUNTED = 8;
/** Addresses of a case. */
const PATHS = 500;
/** Seconds of all kinds of searches before the first is measured: a process that has just started compiles its code. */
const WARM_UP = 6;
/** Heavy searches in flight beside which the others are measured. */
const HEAVY = 4;

export async function measureTarget(target, settings) {
  await target.prepare(settings.seed);
  const server = new Server(target.url, settings.port);
  await server.start();
  const client = new Client(server.base, server.headers);
  const bench = new TargetBench(target, server, client, settings);
  try {
    return await bench.run();
  } finally {
    await client.close();
    await server.stop();
    await target.close();
  }
}

class TargetBench {
  constructor(target, server, client, settings) {
    Object.assign(this, { target, server, client, settings });
    this.label = `${target.label}, ${sizeLabel(target.size)}`;
  }

  async run() {
    const { only } = this.settings;
    await this.warmUp();
    const rows = [];
    for (const one of cases.filter(({ name }) => name.includes(only))) {
      rows.push(one.group === 'worst' ? await this.worst(one) : await this.usual(one));
    }
    const extra = only === '' ? [await this.pages(), await this.besideHeavy()] : [];
    return {
      label: this.label,
      size: this.target.size,
      memory: this.target.memory,
      rows: [...rows, ...extra.flat()],
      tables: await this.target.tables(),
    };
  }

  /** Searches of every kind in turn, those that are bounded by time alone left out. */
  warmUp() {
    const kinds = cases.filter(({ group }) => group !== 'worst').map((one) => this.paths(one));
    const mixed = kinds[0].flatMap((_unused, n) => kinds.map((paths) => paths[n]));
    return this.client.saturate(mixed, this.settings.inFlight, WARM_UP);
  }

  paths(one) {
    return pathsOf(one, this.target.patients, PATHS, this.settings.entries);
  }

  async usual(one) {
    const { client, settings } = this;
    const paths = this.paths(one);
    const rowsRead = await this.rowsRead(paths);
    await client.saturate(paths, settings.inFlight, settings.seconds / 3);
    const cpu = this.cpu();
    const full = await client.saturate(paths, settings.inFlight, settings.seconds);
    const spent = this.cpu();
    const half = await client.pace(paths, full.perSecond / 2, settings.seconds);
    for (const { statuses } of [full, half]) {
      const other = Object.keys(statuses).filter((status) => status !== '200');
      if (other.length > 0) throw new Error(`${one.name}: ${JSON.stringify(statuses)}`);
    }
    const micros = (key) =>
      cpu[key] === undefined ? undefined : Math.round(((spent[key] - cpu[key]) * 1e6) / full.count);
    return this.note({
      name: one.name,
      group: one.group,
      rowsRead,
      full,
      half,
      cpu: micros('server'),
      databaseCpu: micros('database'),
    });
  }

  cpu() {
    return { server: cpuSeconds(this.server.child.pid), database: this.target.cpu() };
  }

  async rowsRead(paths) {
    for (const path of paths.slice(0, 2)) await this.client.get(path);
    const before = await this.target.rowsRead();
    for (const path of paths.slice(0, COUNTED)) await this.client.get(path);
    const after = await this.target.rowsRead();
    return before === undefined ? undefined : Math.round((after - before) / COUNTED);
  }

  /** Once alone: what comes, and when. */
  async worst(one) {
    const [path] = this.paths(one);
    const before = await this.target.rowsRead();
    const { status, ms, body } = await this.client.get(path);
    const after = await this.target.rowsRead();
    const rowsRead = before === undefined ? undefined : after - before;
    const said = status === 200 ? undefined : JSON.parse(body).issue?.[0]?.details?.text;
    return this.note({ name: one.name, group: one.group, status, ms, rowsRead, said });
  }

  /** The same search, page after page. */
  async pages() {
    const { client, settings } = this;
    const times = [];
    let next = `Observation?status=final&_count=${settings.entries}`;
    for (let page = 1; page <= 1010 && next !== undefined; page += 1) {
      const { body, ms, status } = await client.get(next);
      if (status !== 200) throw new Error(`page ${page}: ${status}`);
      times.push(ms);
      const link = JSON.parse(body).link.find(({ relation }) => relation === 'next')?.url;
      next = link && `${this.server.base}${link.slice(link.indexOf('/fhir/r4') + '/fhir/r4'.length)}`;
    }
    const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
    const late = times.length >= 1010 ? times.slice(999, 1010) : times.slice(-11);
    return this.note({
      name: `page 2 and page ${times.length - late.length + 1}, one in flight`,
      group: 'page',
      early: median(times.slice(1, 12)),
      late: median(late),
    });
  }

  /** Reads by key and cheap searches while heavy ones go on. */
  async besideHeavy() {
    const { client, settings, target } = this;
    const reads = Array.from({ length: 200 }, (_unused, n) => `Patient/p${n % target.patients}`);
    const searches = this.paths(cases.find(({ name }) => name === 'patient and code'));
    const heavy = ['two common tokens', ':contains', '_total=accurate', 'sort of all'].map(
      (part) => this.paths(cases.find(({ name, group }) => group === 'worst' && name.includes(part)))[0],
    );
    const rows = [];
    for (const [name, paths] of [
      ['read by id', reads],
      ['patient and code', searches],
    ]) {
      const alone = await client.pace(paths, 50, settings.seconds);
      let running = true;
      const statuses = {};
      const load = Array.from({ length: HEAVY }, async (_unused, n) => {
        while (running) {
          const { status } = await client.get(heavy[n % heavy.length]);
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      });
      const beside = await client.pace(paths, 50, settings.seconds);
      running = false;
      await Promise.all(load);
      rows.push(
        this.note({
          name: `${name}, 50/s, alone and beside ${HEAVY} heavy searches`,
          group: 'beside',
          alone,
          beside,
          statuses,
        }),
      );
    }
    return rows;
  }

  note(row) {
    const { full, half, ms, status, rowsRead, early, late, alone, beside } = row;
    const figures = full
      ? `${Math.round(full.perSecond)}/s, p95 ${full.p95.toFixed(1)}; half: p50 ${half.p50.toFixed(1)} p95 ${half.p95.toFixed(1)}; rows ${rowsRead}; cpu ${row.cpu} + ${row.databaseCpu}`
      : beside
        ? `alone p95 ${alone.p95.toFixed(1)}, beside p95 ${beside.p95.toFixed(1)} ${JSON.stringify(row.statuses)}`
        : early
          ? `${early.toFixed(1)} ${late.toFixed(1)}`
          : `${status} after ${Math.round(ms)} ms; rows ${rowsRead}`;
    console.error(`${this.label}: ${row.name}: ${figures}`);
    return row;
  }
}
