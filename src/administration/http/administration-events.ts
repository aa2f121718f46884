import { Injectable } from '@nestjs/common';
import { Signal } from '../../platform/events/index.js';

/** Changes of what an administrator decides, for the audit. Values carry no bodies. */
@Injectable()
export class AdministrationEvents {
  readonly changed = new Signal<{
    /** Null: a program of the operator's, without an account. */
    username: string | null;
    clientId: string | null;
    /** Null: not by HTTP. */
    address: string | null;
    /** What did it, where it was not the management API. */
    program?: string;
    /** As at the management API. */
    method: string;
    /** Address below the management API: `users/alice`. */
    object: string;
  }>();

  /** A change by somebody who has the configuration or the database. @param program for people */
  changedBy(program: string, method: string, object: string): void {
    this.changed.emit({ username: null, clientId: null, address: null, program, method, object });
  }
}
