// What the gate adds to a read: the same resource through endpoints of each check mode, against the open one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/prepare.mjs';
import { measure } from '../measure.mjs';
import { inTurn } from './comparison.mjs';
import { paths } from './server.mjs';

const targets = { bearer: 60, 'basic-and-bearer': 100 };
const resources = 200;

async function create(server) {
  const body = readFileSync(join(root, 'bench', 'patient.json'), 'utf8');
  const answer = await fetch(`${server.origin}${paths.bearer}/Patient`, {
    method: 'POST',
    headers: { ...server.headers, 'content-type': 'application/fhir+json' },
    body,
  });
  if (answer.status !== 201) throw new Error(`create: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).id;
}

/** @returns rows of the report */
export async function gate(label, server, settings) {
  const ids = [];
  for (let n = 0; n < resources; n += 1) ids.push(await create(server));
  const both = paths['basic-and-bearer'];
  const token = await server.command(
    ...['token', 'admin', '--minutes', '60'],
    '--audience',
    server.origin + both,
  );
  const read =
    (path, headers, query = '') =>
    (seconds) =>
      measure(
        ids.map((id) => `${server.origin}${path}/Patient/${id}${query}`),
        headers,
        server.child.pid,
        seconds,
      );
  const basic = `Basic ${Buffer.from('admin:bench-password-1').toString('base64')}`;
  const seen = await inTurn(
    {
      open: read(paths.open, {}),
      bearer: read(paths.bearer, server.headers),
      'basic-and-bearer': read(both, { authorization: basic }, `?access_token=${token}`),
    },
    settings.rounds,
    settings.seconds,
  );
  return Object.entries(targets).map(([mode, most]) => ({
    work: `read through the gate, ${mode}`,
    database: label,
    figure: `${seen[mode].perSecond}/s, ${seen[mode].cpu} µs CPU`,
    compared: `open: ${seen.open.perSecond}/s, ${seen.open.cpu} µs CPU`,
    result: `${seen[mode].cpu - seen.open.cpu} µs CPU more`,
    target: `≤ ${most} µs`,
  }));
}
