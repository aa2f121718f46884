import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Logger } from '../../platform/logging/index.js';
import { ClientConfigurationsService } from '../client-configurations/client-configurations.service.js';
import { TrustSnapshot } from '../store/trust-snapshot.js';

/** Endpoint and client configuration are set up one after the other: in between is no time to complain. */
const patience = 3_000;

/** Says in the log which endpoints refuse every token, once for each change. */
@Injectable()
export class DanglingNameLog implements OnApplicationBootstrap, OnApplicationShutdown {
  private said = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly snapshot: TrustSnapshot,
    private readonly clients: ClientConfigurationsService,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.endpoints.onChange(() => this.plan());
    this.snapshot.changed.subscribe(() => this.plan());
    this.plan();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  private plan(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), patience);
    this.timer.unref();
  }

  private look(): void {
    const dangling = this.clients.danglingNames();
    const text = JSON.stringify(dangling);
    if (text === this.said) return;
    this.said = text;
    for (const { endpoint, oauthClientName } of dangling) {
      this.logger.warn(
        'an endpoint refuses every token: its OAuth client name is the application name of no client configuration',
        { endpoint, oauthClientName },
      );
    }
  }
}
