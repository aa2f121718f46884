import { Injectable } from '@nestjs/common';
import { Settings, type AuditKind } from '../../platform/config/index.js';
import { agentTypes, entityRoles, entityTypes, type Coding } from '../events/audit-codes.js';
import {
  auditEvent,
  programAgent,
  serverAgent,
  unknownAgent,
  userAgent,
  type Agent,
  type Entity,
  type AuditEventParts,
} from '../events/audit-event.js';
import { AuditQueue } from '../queue/audit-queue.js';

/** Who did something, as far as it is known. */
export interface Actor {
  readonly username?: string | null;
  /** In place of a name that is nobody's. */
  readonly mark?: string | null;
  readonly clientId?: string | null;
  readonly address?: string | null;
  /** A program that is no client, for people. */
  readonly program?: string;
}

/** Records what happens outside of the FHIR repositories, in the one that is configured for it. */
@Injectable()
export class AuditRecorder {
  private readonly kinds: ReadonlySet<AuditKind>;

  constructor(
    private readonly settings: Settings,
    private readonly queue: AuditQueue,
  ) {
    this.kinds = new Set(settings.get('audit'));
  }

  keeps(kind: AuditKind): boolean {
    return this.kinds.has(kind);
  }

  record(event: Omit<AuditEventParts, 'recorded'>): void {
    const { publicUrl } = this.settings;
    this.queue.add(this.settings.get('auditRepository'), [
      auditEvent({ ...event, recorded: Date.now() }, publicUrl),
    ]);
  }

  /** The program, this server, and the user where there is one. */
  agents(actor: Actor, server: Coding = agentTypes.destination): readonly Agent[] {
    const { username = null, mark = null, clientId = null, address = null, program } = actor;
    const { issuer, publicUrl } = this.settings;
    const user =
      username !== null
        ? [userAgent(agentTypes.recipient, { username, issuer })]
        : mark !== null
          ? [unknownAgent(agentTypes.recipient, mark)]
          : [];
    return [
      programAgent(agentTypes.application, { clientId, issuer, address, program }, user.length === 0),
      serverAgent(server, publicUrl),
      ...user,
    ];
  }
}

/** Something of this server that an event is about: a user, a client, a refusal. */
export function objectEntity(name: string, role: Coding = entityRoles.securityResource): Entity {
  return {
    what: { identifier: { system: 'urn:firekeep:object', value: name } },
    type: entityTypes.systemObject,
    role,
  };
}
