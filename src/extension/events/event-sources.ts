import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { RefusalsService } from '../../access/index.js';
import { AdministrationEvents } from '../../administration/index.js';
import { Oauth2Events } from '../../oauth2/index.js';
import { FirekeepEvents } from './firekeep-events.js';

/** Brings together what the modules tell, under the names that extensions know. */
@Injectable()
export class EventSources implements OnModuleInit {
  constructor(
    private readonly events: FirekeepEvents,
    private readonly refusals: RefusalsService,
    private readonly administration: AdministrationEvents,
    @Optional() private readonly oauth2?: Oauth2Events,
  ) {}

  onModuleInit(): void {
    const { events } = this;
    this.administration.changed.subscribe((change) => events.emit('administration-changed', change));
    this.refusals.recorded.subscribe((refusal) => {
      const { reference, check, endpoint, method, path, subject, clientId, address } = refusal;
      events.emit('access-refused', {
        ...{ reference, check, endpoint, method, path, subject, clientId, address },
      });
    });
    if (this.oauth2 !== undefined) this.hearAuthorizationServer(this.oauth2);
  }

  private hearAuthorizationServer(oauth2: Oauth2Events): void {
    const { events } = this;
    oauth2.signedIn.subscribe((event) => events.emit('signed-in', event));
    oauth2.signInRefused.subscribe((event) => events.emit('sign-in-refused', event));
    oauth2.consentGiven.subscribe((event) => events.emit('consent-given', event));
    oauth2.consentDenied.subscribe((event) => events.emit('consent-denied', event));
    oauth2.launchRefused.subscribe((event) => events.emit('launch-refused', event));
    oauth2.tokenIssued.subscribe((event) => events.emit('token-issued', event));
    oauth2.tokenRefused.subscribe((event) => events.emit('token-refused', event));
    oauth2.revoked.subscribe((event) => events.emit('revoked', event));
    oauth2.clientRegistered.subscribe((event) => events.emit('client-registered', event));
  }
}
