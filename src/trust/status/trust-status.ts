import { Injectable } from '@nestjs/common';
import { ClientConfigurationsService } from '../client-configurations/client-configurations.service.js';
import type { DanglingName } from '../client-configurations/client-configuration.js';
import { SetupQueue } from '../store/setup-queue.js';
import { TokenVerifier } from '../token-verification/token-verifier.js';

/** What an administrator should see at a glance. */
export interface TrustReport {
  /** Endpoints that refuse every token. */
  readonly danglingNames: readonly DanglingName[];
  /** Issuers that could not be reached the last time, and why. */
  readonly unreachableIssuers: readonly { readonly issuer: string; readonly message: string }[];
  /** Registrations that wait in the background, and why they have not come about. */
  readonly pendingRegistrations: readonly {
    readonly applicationName: string;
    readonly message: string | null;
  }[];
}

/** The state of trust for the start page. */
@Injectable()
export class TrustStatus {
  constructor(
    private readonly clients: ClientConfigurationsService,
    private readonly queue: SetupQueue,
    private readonly verifier: TokenVerifier,
  ) {}

  async report(): Promise<TrustReport> {
    const [discoveries, registrations, waiting] = await Promise.all([
      this.queue.failuresOf('discover'),
      this.queue.failuresOf('register'),
      this.queue.waiting('register'),
    ]);
    const unreachable = new Map([...discoveries].map(([issuer, { message }]) => [issuer, message] as const));
    for (const { issuer, message } of this.verifier.failures()) unreachable.set(issuer, message);
    return {
      danglingNames: this.clients.danglingNames(),
      unreachableIssuers: [...unreachable].map(([issuer, message]) => ({ issuer, message })),
      pendingRegistrations: [...waiting].map((applicationName) => ({
        applicationName,
        message: registrations.get(applicationName)?.message ?? null,
      })),
    };
  }
}
