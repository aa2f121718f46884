import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AdministrationEvents } from '../../administration/index.js';
import { eventTypes, subtypes } from '../events/audit-codes.js';
import { outcomes, type Action } from '../events/audit-event.js';
import { AuditRecorder, objectEntity } from '../recording/audit-recorder.js';

const actions: Readonly<Record<string, Action>> = { POST: 'C', PUT: 'U', PATCH: 'U', DELETE: 'D' };

/** Records changes that administrators make. */
@Injectable()
export class AdministrationListener implements OnModuleInit {
  constructor(
    private readonly recorder: AuditRecorder,
    private readonly events: AdministrationEvents,
  ) {}

  onModuleInit(): void {
    if (!this.recorder.keeps('administration')) return;
    this.events.changed.subscribe(({ method, object, ...actor }) => {
      this.recorder.record({
        type: eventTypes.alert,
        subtype: [object.startsWith('users') ? subtypes.userSecurity : subtypes.securityConfiguration],
        action: actions[method] ?? 'E',
        outcome: outcomes.success,
        agent: this.recorder.agents(actor),
        entity: [objectEntity(object)],
      });
    });
  }
}
