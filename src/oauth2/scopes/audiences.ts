import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ClientLookup,
  ClientsService,
  resourceLifetime,
  withoutSlash,
  type Client,
} from '../../clients/index.js';
import { EndpointRegistry } from '../../endpoints/index.js';
import { ExpiringCache } from '../../platform/cache/index.js';
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

/** Milliseconds; with the two seconds that a client may be old, a change elsewhere holds within five seconds. */
const lifetime = 2_000;
/** Bases of resource servers that messages name. */
const mostNames = 50;

/** What `aud` and `resource` may name. */
@Injectable()
export class Audiences implements OnModuleInit {
  /** Ids of resource servers by base. */
  private readonly holders = new ExpiringCache<string, string>({ capacity: 5_000, lifetime });
  private readonly listed = new ExpiringCache<'bases', readonly string[]>({ capacity: 1, lifetime });

  constructor(
    private readonly settings: Settings,
    private readonly endpoints: EndpointRegistry,
    private readonly clients: ClientsService,
    private readonly lookup: ClientLookup,
  ) {}

  onModuleInit(): void {
    this.clients.changed.subscribe(() => {
      this.holders.clear();
      this.listed.clear();
    });
  }

  get administration(): string {
    return this.settings.managementUrl;
  }

  /** Undefined: nobody here takes tokens for it. A trailing slash makes no difference. */
  async find(url: string): Promise<Audience | undefined> {
    const base = withoutSlash(url);
    // What is here hides what a resource server registered under the same base.
    return this.here().find((audience) => audience.base === base) ?? (await this.remote(base));
  }

  /** Bases for error messages; of those elsewhere so many. The management API is no secret, but not for apps. */
  async names(): Promise<readonly string[]> {
    const here = this.here()
      .filter(({ kind }) => kind === 'endpoint')
      .map(({ base }) => base);
    const elsewhere = await this.listed.load('bases', () => this.lookup.resources(mostNames));
    return [...new Set([...here, ...(elsewhere ?? [])])];
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

  private here(): readonly Audience[] {
    const local = this.settings.servesResources
      ? this.endpoints.all().filter((endpoint) => this.endpoints.isServed(endpoint))
      : [];
    const shared = { format: 'opaque', signingAlgorithm: 'RS256' } as const;
    return [
      ...local.map(({ base, accessTokenLifetime }): Audience => ({
        ...{ kind: 'endpoint', base, lifetime: accessTokenLifetime, ...shared },
      })),
      { kind: 'administration', base: this.administration, lifetime: null, ...shared },
    ];
  }

  private async remote(base: string): Promise<Audience | undefined> {
    const holder = await this.holders.load(base, () => this.lookup.resourceServerAt(base));
    const client = holder === undefined ? undefined : await this.clients.find(holder);
    return client === undefined ? undefined : audienceAt(base, client);
  }
}

function audienceAt(base: string, client: Client): Audience | undefined {
  if (!client.enabled || client.clientType !== 'resource_server') return undefined;
  if (!client.resource.map(withoutSlash).includes(base)) return undefined;
  return {
    kind: 'remote',
    base,
    lifetime: resourceLifetime(client.metadata, base) ?? null,
    format: client.metadata.access_token_format === 'opaque' ? 'opaque' : 'jwt',
    signingAlgorithm: client.metadata.access_token_signing_alg === 'ES256' ? 'ES256' : 'RS256',
  };
}
