import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../platform/config/index.js';
import { Database } from '../platform/database/index.js';
import { Signal } from '../platform/events/index.js';
import { HttpFront } from '../platform/http/index.js';
import { Logger } from '../platform/logging/index.js';
import { PolledTable } from '../platform/schedule/index.js';
import { markRoute } from './endpoint-of.js';
import type { CheckMode, FhirEndpoint } from './endpoint.js';

interface EndpointRow extends Record<string, unknown> {
  readonly path: string;
  readonly repository: string;
  readonly check_mode: CheckMode;
  readonly oauth_client_name: string | null;
  readonly access_token_lifetime: number | null;
  readonly enabled: number;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface EndpointMatch {
  readonly endpoint: FhirEndpoint;
  /** What stands behind the endpoint's path: empty, or beginning with `/` or `?`. */
  readonly rest: string;
}

/** Where the controllers of `fhir` are; `HttpFront` keeps it from being asked for from outside. */
const insidePath = '/@fhir';
/** No route is there. */
const nowhere = '/@none';

/** The configured endpoints in memory, refreshed on change and every two seconds. */
@Injectable()
export class EndpointRegistry implements OnModuleInit, OnApplicationShutdown {
  private readonly signal = new Signal<undefined>();
  private rows: readonly EndpointRow[] = [];
  private builtFor = '';
  private endpoints: readonly FhirEndpoint[] = [];
  private readonly table: PolledTable<EndpointRow>;

  constructor(
    database: Database,
    private readonly settings: Settings,
    private readonly front: HttpFront,
    private readonly logger: Logger,
  ) {
    this.table = new PolledTable<EndpointRow>(database, {
      statement: `SELECT path, repository, check_mode, oauth_client_name, access_token_lifetime, enabled, version, created_at, updated_at
         FROM fhir_endpoint ORDER BY path`,
      changed: (rows) => this.take(rows),
      failed: (error) => logger.debug('endpoints not refreshed', error),
    });
  }

  async onModuleInit(): Promise<void> {
    await this.table.start();
    this.front.add((url, context) => {
      const found = this.locate(url);
      if (found === undefined) return undefined;
      if (!this.isServed(found.endpoint)) return nowhere;
      context.route = found.endpoint;
      return insidePath + found.rest;
    });
  }

  onApplicationShutdown(): Promise<void> {
    return this.table.stop();
  }

  /** By path, disabled ones too. */
  all(): readonly FhirEndpoint[] {
    const { publicUrl } = this.settings;
    if (this.builtFor !== publicUrl) {
      this.builtFor = publicUrl;
      this.endpoints = this.rows.map((row) => toEndpoint(row, publicUrl));
      for (const endpoint of this.endpoints) markRoute(endpoint);
    }
    return this.endpoints;
  }

  /** The served endpoint that a request's URL (path and query) lies under: compared as it came, byte by byte. */
  match(url: string): EndpointMatch | undefined {
    const found = this.locate(url);
    return found !== undefined && this.isServed(found.endpoint) ? found : undefined;
  }

  /** The served endpoint with this base URL; one slash at the end makes no difference. */
  byBase(url: string): FhirEndpoint | undefined {
    const base = url.endsWith('/') ? url.slice(0, -1) : url;
    return this.all().find((endpoint) => endpoint.base === base && this.isServed(endpoint));
  }

  /** Every base of a repository, disabled ones too: references that begin with one are local. */
  bases(repository: string): readonly string[] {
    return this.all()
      .filter((endpoint) => endpoint.repository === repository)
      .map(({ base }) => base);
  }

  /** Audience of tokens that name none: `/fhir/r4`, else the first that takes bearer tokens. */
  defaultEndpoint(): FhirEndpoint | undefined {
    const served = this.all().filter((endpoint) => this.isServed(endpoint));
    return (
      served.find(({ path }) => path === '/fhir/r4') ??
      served.find(({ checkMode }) => checkMode === 'bearer') ??
      served[0]
    );
  }

  /** Whether requests reach it: enabled and, where it asks for nothing, allowed to. */
  isServed(endpoint: FhirEndpoint): boolean {
    return endpoint.enabled && (endpoint.checkMode !== 'open' || this.settings.get('allowOpen'));
  }

  /** @returns a function that takes the listener off again. */
  onChange(listener: () => void): () => void {
    return this.signal.subscribe(listener);
  }

  /** Reads the table; listeners are told where something is different. */
  refresh(): Promise<void> {
    return this.table.refresh();
  }

  private take(rows: readonly EndpointRow[]): void {
    this.rows = rows;
    this.builtFor = '';
    for (const { path, check_mode: mode, enabled } of rows) {
      if (enabled !== 0 && mode === 'open' && !this.settings.get('allowOpen')) {
        this.logger.warn(
          `The endpoint ${path} is open and does not answer: FIREKEEP_ALLOW_OPEN is not true.`,
        );
      }
    }
    this.signal.emit(undefined);
  }

  /** Paths don't overlap, but the longest wins should one ever lie below another. */
  private locate(url: string): EndpointMatch | undefined {
    let best: FhirEndpoint | undefined;
    for (const endpoint of this.all()) {
      const { length } = endpoint.path;
      if (!url.startsWith(endpoint.path)) continue;
      const next = url[length];
      if (next !== undefined && next !== '/' && next !== '?') continue;
      if (best === undefined || length > best.path.length) best = endpoint;
    }
    return best === undefined ? undefined : { endpoint: best, rest: url.slice(best.path.length) };
  }
}

function toEndpoint(row: EndpointRow, publicUrl: string): FhirEndpoint {
  return {
    path: row.path,
    base: publicUrl + row.path,
    repository: row.repository,
    checkMode: row.check_mode,
    oauthClientName: row.oauth_client_name,
    accessTokenLifetime: row.access_token_lifetime,
    enabled: row.enabled !== 0,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
