import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ClientsService, resourceLifetime, withoutSlash, type Client } from '../../clients/index.js';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';

/** A place that access tokens can be for. */
export interface Audience {
  /** `endpoint`: FHIR here; `administration`: the management API; `remote`: a registered resource server. */
  readonly kind: 'endpoint' | 'administration' | 'remote';
  /** Without a trailing slash; the `aud` of its tokens. */
  readonly base: string;
  /** A JWT is checked by the resource server alone; an opaque one by asking this server. */
  readonly format: 'opaque' | 'jwt';
  /** Seconds that its tokens live at the most; null: as long as the client's do. */
  readonly lifetime: number | null;
  /** Of JWTs. */
  readonly signingAlgorithm: 'RS256' | 'ES256';
}

const staleAfter = 2_000;

/** What `aud` and `resource` may name. */
@Injectable()
export class Audiences implements OnModuleInit {
  private remote: readonly Audience[] = [];
  private readAt = 0;

  constructor(
    private readonly settings: Settings,
    private readonly endpoints: EndpointRegistry,
    private readonly clients: ClientsService,
  ) {}

  onModuleInit(): void {
    this.clients.changed.subscribe(() => (this.readAt = 0));
  }

  get administration(): string {
    return this.settings.managementUrl;
  }

  /** Undefined: nobody here takes tokens for it. A trailing slash makes no difference. */
  async find(url: string): Promise<Audience | undefined> {
    const base = withoutSlash(url);
    return (await this.all()).find((audience) => audience.base === base);
  }

  /** Bases for error messages; the management API is no secret, but not for apps. */
  async names(): Promise<readonly string[]> {
    return (await this.all()).filter(({ kind }) => kind !== 'administration').map(({ base }) => base);
  }

  /** Where a client without a user goes when it says nothing: the default endpoint, else the only one there is. */
  async defaultBase(): Promise<string | undefined> {
    if (this.settings.servesResources) {
      const endpoint = this.endpoints.defaultEndpoint();
      if (endpoint !== undefined) return endpoint.base;
    }
    const [first, ...others] = await this.names();
    return others.length === 0 ? first : undefined;
  }

  /** What is here hides what a resource server registered under the same base. */
  private async all(): Promise<readonly Audience[]> {
    const local: Audience[] = this.settings.servesResources
      ? this.endpoints
          .all()
          .filter((endpoint) => this.endpoints.isServed(endpoint))
          .map(({ base, accessTokenLifetime: lifetime }) => ({
            ...({ kind: 'endpoint', base, lifetime, format: 'opaque', signingAlgorithm: 'RS256' } as const),
          }))
      : [];
    const administration: Audience = {
      kind: 'administration',
      base: this.administration,
      lifetime: null,
      format: 'opaque',
      signingAlgorithm: 'RS256',
    };
    return [...local, administration, ...(await this.remoteAudiences())];
  }

  private async remoteAudiences(): Promise<readonly Audience[]> {
    const now = Date.now();
    if (this.readAt + staleAfter > now) return this.remote;
    const found: Audience[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await this.clients.list(after === undefined ? {} : { after });
      for (const client of page) found.push(...audiencesOf(client));
      if (page.length < 1000) break;
      after = page.at(-1)?.clientId;
    }
    this.remote = found;
    this.readAt = now;
    return found;
  }
}

function audiencesOf(client: Client): Audience[] {
  if (!client.enabled || client.clientType !== 'resource_server') return [];
  const format = client.metadata.access_token_format === 'opaque' ? 'opaque' : 'jwt';
  const signingAlgorithm = client.metadata.access_token_signing_alg === 'ES256' ? 'ES256' : 'RS256';
  return client.resource.map((base) => ({
    kind: 'remote',
    base: withoutSlash(base),
    lifetime: resourceLifetime(client.metadata, base) ?? null,
    format,
    signingAlgorithm,
  }));
}
