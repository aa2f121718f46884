import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RefusalsService, type Refusal } from '../../access/index.js';
import { entityRoles, entityTypes, eventTypes, ownSubtype, subtypes } from '../events/audit-codes.js';
import { outcomes } from '../events/audit-event.js';
import { AuditFailures } from '../recording/audit-failures.js';
import { AuditRecorder } from '../recording/audit-recorder.js';

/** Records what the gate refuses: each refusal that is kept apart once, with the reference of its explanation. */
@Injectable()
export class RefusalsListener implements OnModuleInit {
  constructor(
    private readonly recorder: AuditRecorder,
    private readonly failures: AuditFailures,
    private readonly refusals: RefusalsService,
  ) {}

  onModuleInit(): void {
    if (!this.recorder.keeps('refusals')) return;
    this.refusals.recorded.subscribe((refusal) => {
      this.record(refusal);
    });
  }

  private record(refusal: Refusal): void {
    const { reference, check, status, method, path, endpoint, subject, clientId, address } = refusal;
    const isSignIn = check === 'basic-password';
    this.failures.record('refusals', {
      type: isSignIn ? eventTypes.authentication : eventTypes.alert,
      subtype: isSignIn
        ? [subtypes.login]
        : [...(check === 'scope' ? [subtypes.authorization] : []), ownSubtype(check)],
      action: 'E',
      outcome: outcomes.minorFailure,
      outcomeDesc: `${status}: ${check}; firekeep explain ${reference}`,
      // A client without a user is the subject of its token.
      agent: this.recorder.agents({ username: subject === clientId ? null : subject, clientId, address }),
      entity: [
        {
          what: { identifier: { system: 'urn:firekeep:refusal', value: reference } },
          type: entityTypes.systemObject,
          role: entityRoles.securityResource,
          detail: [
            { type: 'endpoint', valueString: endpoint },
            { type: 'request', valueString: `${method} ${path}`.slice(0, 300) },
          ],
        },
      ],
    });
  }
}
