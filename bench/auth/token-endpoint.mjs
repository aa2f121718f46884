// Client credentials at Firekeep's token endpoint and at a bare oidc-provider, which keeps tokens in memory.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/prepare.mjs';
import { measure } from '../measure.mjs';
import { inTurn } from './comparison.mjs';
import { flags, remote, service } from './server.mjs';

const target = 0.8;

async function startBare(port) {
  const child = spawn(process.execPath, [...flags, join('bench', 'auth', 'bare-provider.mjs')], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      BARE_PORT: String(port),
      BARE_CLIENT_ID: service.clientId,
      BARE_CLIENT_SECRET: service.clientSecret,
      BARE_SCOPE: service.scope,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await fetch(`http://127.0.0.1:${port}/.well-known/openid-configuration`);
      return child;
    } catch {
      await sleep(100);
    }
  }
  throw new Error('oidc-provider does not answer');
}

/** @returns rows of the report */
export async function tokenEndpoint(label, server, settings) {
  const bare = await startBare(settings.port + 1);
  const authorization = `Basic ${Buffer.from(`${service.clientId}:${service.clientSecret}`).toString('base64')}`;
  const rows = [];
  try {
    for (const format of ['opaque', 'ES256 JWT']) {
      const resource = format === 'opaque' ? server.base : remote;
      const form = { grant_type: 'client_credentials', scope: service.scope };
      const ask = (url, pid, named, inFlight) => (seconds) =>
        measure(url, { authorization }, pid, seconds, { inFlight, form: { ...form, resource: named } });
      for (const inFlight of [16, 32]) {
        const seen = await inTurn(
          {
            firekeep: ask(`${server.origin}/oauth2/token`, server.child.pid, resource, inFlight),
            bare: ask(
              `http://127.0.0.1:${settings.port + 1}/token`,
              bare.pid,
              format === 'opaque' ? 'http://bench/opaque' : 'http://bench/jwt',
              inFlight,
            ),
          },
          settings.rounds,
          settings.seconds,
        );
        const { firekeep, bare: limit } = seen;
        rows.push({
          work: `client credentials, ${format}, ${inFlight} in flight`,
          database: label,
          figure: `${firekeep.perSecond}/s, ${firekeep.cpu} µs CPU`,
          compared: `${limit.perSecond}/s, ${limit.cpu} µs CPU`,
          result: `${(firekeep.perSecond / limit.perSecond).toFixed(2)} of the rate`,
          target: `≥ ${target}`,
        });
        console.error(rows.at(-1));
      }
    }
  } finally {
    bare.kill('SIGKILL');
  }
  return rows;
}
