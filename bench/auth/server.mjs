// A Firekeep process with a client, a remote audience and an endpoint of each check mode.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from '../search/server.mjs';

/** As `npm start` starts it. */
export const flags = ['--max-semi-space-size=16'];

export const service = {
  clientId: 'bench-service',
  clientSecret: 'bench-service-secret-1',
  scope: 'system/Observation.rs system/Patient.rs',
};
/** Tokens for it are JWTs. */
export const remote = 'https://remote.example.net/fhir';

export const paths = {
  bearer: '/fhir/r4',
  'basic-and-bearer': '/csp/healthshare/fhirserver/fhir/r4',
  open: '/open/r4',
};

const bootstrap = {
  clients: [
    {
      ...service,
      clientName: 'Benchmark',
      tokenEndpointAuthMethod: 'client_secret_basic',
      grantTypes: ['client_credentials'],
    },
    {
      clientId: 'bench-remote',
      clientSecret: 'bench-remote-secret-1',
      clientName: 'Remote server',
      clientType: 'resource_server',
      resource: [remote],
      metadata: { access_token_signing_alg: 'ES256' },
    },
  ],
  endpoints: [{ path: paths.open, repository: 'default', checks: 'open' }],
};

export async function startServer(databaseUrl, port, environment = {}) {
  const origin = `http://127.0.0.1:${port}`;
  const file = join(mkdtempSync(join(tmpdir(), 'firekeep-bench-')), 'bootstrap.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(bootstrap));
  const server = new Server(databaseUrl, port, {
    nodeArguments: flags,
    environment: {
      FIREKEEP_BOOTSTRAP_FILE: file,
      FIREKEEP_ALLOW_OPEN: 'true',
      FIREKEEP_PUBLIC_URL: origin,
      ...environment,
    },
  });
  await server.start();
  server.origin = origin;
  return server;
}
