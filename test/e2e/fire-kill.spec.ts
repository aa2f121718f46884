import { setTimeout as sleep } from 'node:timers/promises';
import { databases } from '../kit/databases.js';
import { startServer, startServerAgain, type ServerProcess } from '../kit/server-process.js';
import { expectClean, FhirClient } from '../soak/fhir-client.js';
import { figure } from '../soak/figures.js';
import { expectNothingLost, Load } from '../soak/load.js';
import { seeded } from '../soak/random.js';
import { scale } from '../soak/scale.js';
import { until } from '../kit/until.js';

const WORKERS = 12;

describe.each(databases)('kill -9 during a load on $name', ({ name, create }) => {
  let server: ServerProcess;
  afterAll(() => server?.stop('SIGKILL'));

  it(
    'loses no acknowledged write, leaves no half transaction, and needs no repair',
    () =>
      seeded(async (random) => {
        server = await startServer(await create());
        let acknowledged = 0;
        let slowest = 0;
        for (let kill = 0; kill < scale.kills; kill++) {
          const load = new Load(`kill-${kill}`);
          const client = await FhirClient.of(server);
          load.start(client, WORKERS, random.fork(kill));
          await sleep(random.between(100, 1_500));
          await until('an acknowledged write', () => load.acknowledgedWrites > 0);
          await server.stop('SIGKILL');
          await load.stop();
          const stopped = Date.now();
          server = await startServerAgain(server.environment);
          slowest = Math.max(slowest, Date.now() - stopped);
          await expectNothingLost(load, client, server);
          acknowledged += load.acknowledgedWrites;
          await client.close();
        }
        expect(acknowledged).toBeGreaterThan(0);
        const seen = await expectClean(server);
        figure('kill -9 during a load', name, {
          kills: scale.kills,
          acknowledged,
          versions: seen.versions ?? 0,
          'slowest restart ms': slowest,
        });
      }),
    scale.timeout * 2,
  );
});
