// Searches of a user's token, and of one with a patient in context, in turn on the same population.
import { cpuSeconds } from '../measure.mjs';
import { Client } from '../search/client.mjs';
import { median } from './comparison.mjs';
import { systems } from '../search/population.mjs';
import { searchForms } from './search-forms.mjs';

const target = 1.3;
/** Patients in context, each with a token. */
const patients = 24;
const inFlight = 8;
const scopes = ['Patient', 'Encounter', 'Observation', 'Condition', 'MedicationRequest'];

export async function patientScope(target_, server, settings) {
  const chosen = Array.from({ length: patients }, (_, n) => Math.floor((n * target_.patients) / patients));
  const token = (context, ...rest) =>
    server.command(
      ...['token', 'admin', '--minutes', '60', ...rest],
      '--scope',
      scopes.map((type) => `${context}/${type}.rs`).join(' '),
    );
  const wide = new Client(server.base, { authorization: `Bearer ${await token('user')}` });
  const narrow = [];
  for (const n of chosen) {
    const authorization = `Bearer ${await token('patient', '--patient', `p${n}`)}`;
    narrow.push(new Client(server.base, { authorization }));
  }
  const bench = new ScopeBench(target_, server, settings, { wide, narrow, chosen });
  const rows = [];
  const forms = searchForms(systems).filter(({ name }) => name.includes(settings.only));
  try {
    // Both ways of all forms, so that the first is measured on code that is as warm as that of the last.
    for (let n = 0; n < 2; n += 1) for (const form of forms) await bench.warmUp(form);
    for (const form of forms) {
      rows.push(await bench.compare(form));
      console.error(rows.at(-1));
    }
  } finally {
    for (const client of [wide, ...narrow]) await client.close();
  }
  return rows;
}

class ScopeBench {
  constructor(target, server, settings, clients) {
    Object.assign(this, { target, server, settings, ...clients });
  }

  get ways() {
    return { wide: () => this.wide, narrow: (n) => this.narrow[n] };
  }

  async warmUp({ path }) {
    const paths = this.chosen.map((n) => path(n));
    for (const clientOf of Object.values(this.ways))
      await this.round(paths, clientOf, this.settings.seconds / 4);
  }

  async compare({ name, path }) {
    const paths = this.chosen.map((n) => path(n));
    const { ways } = this;
    const seen = { wide: [], narrow: [] };
    await this.warmUp({ path });
    for (let round = 0; round < this.settings.rounds; round += 1) {
      for (const way of round % 2 === 0 ? ['wide', 'narrow'] : ['narrow', 'wide']) {
        seen[way].push(await this.round(paths, ways[way], this.settings.seconds));
      }
    }
    const of = (way, key) => median(seen[way].map((one) => one[key]));
    const figure = (way) => `${of(way, 'ms').toFixed(2)} ms, ${Math.round(of(way, 'cpu'))} µs CPU`;
    return {
      work: `search, ${name}`,
      database: this.target.label,
      figure: figure('narrow'),
      compared: figure('wide'),
      result: `${(of('narrow', 'cpu') / of('wide', 'cpu')).toFixed(2)} of the CPU`,
      target: `≤ ${target}`,
    };
  }

  /** CPU of server and database. */
  async round(paths, clientOf, seconds) {
    const cpu = () => cpuSeconds(this.server.child.pid) + (this.target.cpu() ?? 0);
    const before = cpu();
    const end = performance.now() + seconds * 1000;
    let next = 0;
    const times = [];
    const one = async () => {
      while (performance.now() < end) {
        const n = next++ % paths.length;
        const { status, ms, body } = await clientOf(n).get(paths[n]);
        if (status !== 200) throw new Error(`${paths[n]}: ${status} ${body}`);
        times.push(ms);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    return { cpu: ((cpu() - before) * 1e6) / times.length, ms: median(times) };
  }
}
