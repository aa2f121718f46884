import { Injectable } from '@nestjs/common';
import { Signal } from '../../platform/events/index.js';

/** Changes made through the management API, for the audit. Values carry no bodies. */
@Injectable()
export class AdministrationEvents {
  readonly changed = new Signal<{
    username: string;
    clientId: string | null;
    address: string;
    method: string;
    /** Address below the management API: `users/alice`. */
    object: string;
  }>();
}
