import { ClientsService, type ClientInput } from '../../../src/clients/index.js';
import { bearer, bearerPath, passwords, redirectUri, World, type Username } from '../access/application.js';
import { Visitor, type Shown, type Tokens } from './visitor.js';

export const scopes =
  'openid fhirUser profile launch launch/patient launch/encounter offline_access online_access user/*.cruds patient/*.cruds';

export const smartApp: ClientInput = {
  clientId: 'smart-app',
  clientName: 'Ward <b>round</b>',
  tokenEndpointAuthMethod: 'none',
  redirectUris: [redirectUri],
  grantTypes: ['authorization_code', 'refresh_token'],
  scope: scopes,
};

const people = [
  ['anna', 'Keller', 'Anna Maria', '1974-12-25', 'MRN-1'],
  ['bruno', 'Keller', 'Bruno', '1980-05-01', 'MRN,2'],
  ['carlo', 'Rossi', 'Carlo', '1974', 'MRN-3'],
  ['dora', 'Meier', 'Dora', '1990-01-01', 'MRN-4'],
] as const;

const resources: readonly object[] = [
  { resourceType: 'Practitioner', id: 'alice', name: [{ family: 'Alice' }] },
  { resourceType: 'Practitioner', id: 'other', name: [{ family: 'Other' }] },
  ...people.map(([id, family, given, birthDate, value]) => ({
    ...{ resourceType: 'Patient', id, birthDate, gender: 'other' },
    name: [{ family, given: given.split(' ') }],
    identifier: [{ system: 'urn:mrn', value }],
  })),
  ...people.map(([id]) => ({
    resourceType: 'Observation',
    id: `weight-of-${id}`,
    status: 'final',
    code: { text: 'Weight' },
    subject: { reference: `Patient/${id}` },
  })),
  ...['anna', 'bruno'].map((id) => ({
    resourceType: 'Encounter',
    id: `visit-of-${id}`,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    type: [{ text: 'Check-up' }],
    subject: { reference: `Patient/${id}` },
    period: { start: '2026-11-02T09:00:00Z', end: '2026-11-02T09:30:00Z' },
  })),
];

/** A server that listens, with four patients; alice may see all of them, dora herself. */
export class Clinic {
  private constructor(readonly world: World) {}

  static async open(databaseUrl: string): Promise<Clinic> {
    const world = await World.start(databaseUrl);
    await world.get(ClientsService).create(smartApp);
    await world.get(ClientsService).create({ ...smartApp, clientId: 'other-app', clientName: 'Other' });
    const clinic = new Clinic(world);
    for (const resource of resources) await clinic.put(resource as { resourceType: string; id: string });
    return clinic;
  }

  visitor(clientId = 'smart-app'): Visitor {
    return new Visitor(this.world.url, clientId);
  }

  /** From the authorization request to the first page behind the sign-in. */
  async begin(
    parameters: Readonly<Record<string, string | undefined>>,
    username: Username = 'alice',
    visitor = this.visitor(),
  ): Promise<{ readonly visitor: Visitor; readonly page: Shown }> {
    let page = await visitor.authorize(parameters);
    if (page.body.includes('name="password"')) {
      page = await visitor.signIn(page, username, passwords[username]);
    }
    return { visitor, page };
  }

  /** The whole standalone launch for one patient. */
  async standalone(scope: string, patient: string, visitor = this.visitor()): Promise<Tokens> {
    const { page } = await this.begin({ scope }, 'alice', visitor);
    let consent = page.body.includes('value="allow"') ? page : await visitor.submit(page, { patient });
    if (scope.includes('launch/encounter')) {
      consent = await visitor.submit(consent, { encounter: `visit-of-${patient}` });
    }
    return visitor.tokens(await visitor.submit(consent, { decision: 'allow' }));
  }

  /** Status of a read or search with a token, and the ids in what it answers. */
  async read(token: string, path: string): Promise<{ status: number; ids: string[] }> {
    const answer = await fetch(`${this.world.base(bearerPath)}/${path}`, { headers: bearer(token) });
    const body = (await answer.json()) as {
      readonly resourceType: string;
      readonly id?: string;
      readonly entry?: readonly { readonly resource: { readonly id: string } }[];
    };
    const { entry = [], id = '' } = body;
    const ids = body.resourceType === 'Bundle' ? entry.map(({ resource }) => resource.id) : [id];
    return { status: answer.status, ids: ids.sort() };
  }

  async put(resource: { readonly resourceType: string; readonly id: string }): Promise<void> {
    const token = await this.world.token({ clientId: 'loader' }, bearerPath);
    const { resourceType, id } = resource;
    const answer = await fetch(`${this.world.base(bearerPath)}/${resourceType}/${id}`, {
      method: 'PUT',
      headers: { ...bearer(token), 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  close(): Promise<void> {
    return this.world.close();
  }
}
