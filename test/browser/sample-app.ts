import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Management } from '../kit/management.js';
import { runFirekeep, startServer, type ServerProcess } from '../kit/server-process.js';

const administrator = 'correct horse battery staple';

export const alice = {
  ...{ username: 'alice', password: 'a long walk to the harbour' },
  ...{ roles: ['practitioner'], fhirUser: 'Practitioner/alice' },
};

const people = [
  ['anna', 'Anna', 'Keller', '1974-12-25', 61.5],
  ['bruno', 'Bruno', 'Keller', '1980-05-01', 81],
] as const;

const resources = [
  { resourceType: 'Practitioner', id: 'alice', name: [{ text: 'Dr. Alice Moreau' }] },
  ...people.flatMap(([id, given, family, birthDate, value]) => [
    { resourceType: 'Patient', id, birthDate, name: [{ given: [given], family }] },
    {
      ...{ resourceType: 'Observation', id: `weight-of-${id}`, status: 'final', code: { text: 'Weight' } },
      subject: { reference: `Patient/${id}` },
      valueQuantity: { value, unit: 'kg' },
    },
    {
      ...{ resourceType: 'Encounter', id: `visit-of-${id}`, status: 'finished', class: { code: 'AMB' } },
      ...{ type: [{ text: 'Check-up' }], subject: { reference: `Patient/${id}` } },
      period: { start: '2026-11-02T09:00:00Z', end: '2026-11-02T09:30:00Z' },
    },
  ]),
];

/** The sample app in its own origin, beside a server of its own with two patients whom alice may see. */
export class SampleApp {
  private constructor(
    readonly server: ServerProcess,
    readonly management: Management,
    private readonly child: ChildProcess,
    /** Ends with a slash. */
    readonly url: string,
  ) {}

  static async start(databaseUrl: string): Promise<SampleApp> {
    const server = await startServer(databaseUrl, { FIREKEEP_ADMIN_PASSWORD: administrator });
    const management = new Management(server.url, 'admin', administrator);
    const [child, url] = await serveApp(`${server.url}/fhir/r4`);
    const app = new SampleApp(server, management, child, url);
    await app.prepare();
    return app;
  }

  private async prepare(): Promise<void> {
    await this.management.call('POST', 'users', alice);
    await this.management.call('POST', 'clients', {
      ...{ clientId: 'smart-app-example', clientName: 'Weight chart', tokenEndpointAuthMethod: 'none' },
      redirectUris: ['index.html', 'fhirclient.html'].map((page) => `${this.url}${page}`),
      grantTypes: ['authorization_code', 'refresh_token'],
      scope: 'openid fhirUser online_access launch launch/patient launch/encounter patient/*.rs',
    });
    const issued = await runFirekeep(this.server.environment, ['token', 'alice']);
    for (const resource of resources) {
      const answer = await fetch(`${this.server.url}/fhir/r4/${resource.resourceType}/${resource.id}`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${issued.stdout.trim()}`,
          'content-type': 'application/fhir+json',
        },
        body: JSON.stringify(resource),
      });
      if (answer.status !== 201) throw new Error(`${resource.id}: ${answer.status} ${await answer.text()}`);
    }
  }

  /** Makes a launch for alice, as an EHR does; the address at which it opens `page` of the app. */
  async launchAddress(page: string, context: object): Promise<string> {
    const { launch, iss } = await this.management.call<{ launch: string; iss: string }>('POST', 'launches', {
      ...{ username: alice.username, clientId: 'smart-app-example' },
      ...context,
    });
    return `${this.url}${page}?${new URLSearchParams({ iss, launch }).toString()}`;
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.server.stop();
  }
}

export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill(alice.username);
  await page.getByLabel('Password').fill(alice.password);
  await page.keyboard.press('Enter');
}

function serveApp(fhirServer: string): Promise<[ChildProcess, string]> {
  const program = join(__dirname, '..', '..', 'examples', 'smart-app', 'serve.mjs');
  const child = spawn(process.execPath, [program, '--port', '0', '--server', fhirServer], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout.once('data', (text: Buffer) => resolve([child, text.toString().trim()]));
  });
}
