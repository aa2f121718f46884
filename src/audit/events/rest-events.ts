import type { Principal } from '../../contract/index.js';
import type { JournalledRead, JournalledWrite, OwnResource } from '../../fhir/index.js';
import {
  agentTypes,
  balpProfile,
  entityRoles,
  entityTypes,
  eventTypes,
  interaction,
  lifecycles,
} from './audit-codes.js';
import {
  auditEvent,
  outcomes,
  patientEntity,
  programAgent,
  requestEntity,
  serverAgent,
  userAgent,
  type Action,
  type Agent,
  type Entity,
} from './audit-event.js';

/** Who asks, from where, through which door. */
export interface RequestFacts {
  readonly principal: Principal;
  /** Base URL of the endpoint. */
  readonly base: string;
  readonly publicUrl: string;
  /** Null: not a request. */
  readonly address: string | null;
  /** The X-Request-Id that the client sent; null: none. */
  readonly requestId: string | null;
}

/** Resources that one event of a transaction names. */
const resourcesAnEvent = 100;
/** Patients of one request that have an event of their own; what concerns more is recorded without them. */
const mostPatients = 200;

const actions = { create: 'C', update: 'U', delete: 'D' } as const;
const profiles = { create: 'Create', update: 'Update', delete: 'Delete' } as const;

/**
 * The events of what a unit writes. A single write has one of the Basic Audit Log Patterns for each patient that
 * it concerns. Those patterns know no transaction: its events name, for each patient, up to 100 of the resources
 * with what has become of each.
 *
 * @param now milliseconds since the epoch
 * @see https://profiles.ihe.net/ITI/BALP/content.html
 */
export function writeEvents(
  writes: readonly JournalledWrite[],
  facts: RequestFacts,
  now: number,
): readonly OwnResource[] {
  const [only, ...others] = writes;
  if (only === undefined) return [];
  if (others.length === 0)
    return patientsIn(only.patients).map((patient) => writeEvent(only, patient, facts, now));
  const groups = new Map<string | null, JournalledWrite[]>();
  for (const write of writes) {
    for (const patient of patientsIn(write.patients)) {
      const group = groups.get(patient);
      if (group === undefined) groups.set(patient, [write]);
      else group.push(write);
    }
  }
  const events: OwnResource[] = [];
  for (const [patient, group] of groups) {
    for (let start = 0; start < group.length; start += resourcesAnEvent) {
      events.push(transactionEvent(group.slice(start, start + resourcesAnEvent), patient, facts, now));
    }
  }
  return events;
}

function writeEvent(
  write: JournalledWrite,
  patient: string | null,
  facts: RequestFacts,
  now: number,
): OwnResource {
  const { kind, type, id, version } = write;
  return auditEvent(
    {
      profile: balpProfile(profiles[kind], patient !== null),
      type: eventTypes.rest,
      subtype: [interaction(kind)],
      action: actions[kind],
      recorded: now,
      outcome: outcomes.success,
      agent:
        kind === 'delete'
          ? agents(facts, agentTypes.application, agentTypes.custodian, agentTypes.author)
          : agents(facts, agentTypes.source, agentTypes.destination, agentTypes.author),
      entity: [
        {
          what: { reference: `${type}/${id}/_history/${version}` },
          type: entityTypes.systemObject,
          role: entityRoles.domainResource,
        },
        ...common(patient, facts),
      ],
    },
    facts.publicUrl,
  );
}

function transactionEvent(
  writes: readonly JournalledWrite[],
  patient: string | null,
  facts: RequestFacts,
  now: number,
): OwnResource {
  const kinds = [...new Set(writes.map(({ kind }) => kind))];
  const [kind = 'create', ...others] = kinds;
  const action: Action = others.length === 0 ? actions[kind] : 'E';
  // A conditional delete of several resources is no transaction.
  const isTransaction = others.length > 0 || kind !== 'delete';
  return auditEvent(
    {
      type: eventTypes.rest,
      subtype: [
        ...(isTransaction ? [interaction('transaction')] : []),
        ...kinds.map((one) => interaction(one)),
      ],
      action,
      recorded: now,
      outcome: outcomes.success,
      agent: agents(facts, agentTypes.source, agentTypes.destination, agentTypes.author),
      entity: [
        ...writes.map((write): Entity => ({
          what: { reference: `${write.type}/${write.id}/_history/${write.version}` },
          type: entityTypes.systemObject,
          role: entityRoles.domainResource,
          lifecycle: lifecycles[write.kind],
        })),
        ...common(patient, facts),
      ],
    },
    facts.publicUrl,
  );
}

/** The events of a read or search: one for each patient in the answer, one where there is none. */
export function readEvents(read: JournalledRead, facts: RequestFacts, now: number): readonly OwnResource[] {
  return patientsIn(read.patients).map((patient) => readEvent(read, patient, facts, now));
}

function readEvent(
  read: JournalledRead,
  patient: string | null,
  facts: RequestFacts,
  now: number,
): OwnResource {
  const isQuery = read.query !== undefined;
  const isRead = read.interaction === 'read' || read.interaction === 'vread';
  const entity: readonly Entity[] = isQuery
    ? [
        {
          type: entityTypes.systemObject,
          role: entityRoles.query,
          query: Buffer.from(read.query ?? '').toString('base64'),
        },
      ]
    : read.id === undefined
      ? []
      : [
          {
            what: {
              reference: `${read.type ?? ''}/${read.id}${read.version === undefined ? '' : `/_history/${read.version}`}`,
            },
            type: entityTypes.systemObject,
            role: entityRoles.domainResource,
          },
        ];
  const profile = isQuery ? 'Query' : isRead ? 'Read' : undefined;
  return auditEvent(
    {
      ...(profile === undefined ? {} : { profile: balpProfile(profile, patient !== null) }),
      type: eventTypes.rest,
      subtype: [interaction(read.interaction)],
      action: isQuery ? 'E' : 'R',
      recorded: now,
      outcome: outcomes.success,
      // Of a read the data flows to the client, of a query the parameters to the server.
      agent: isQuery
        ? agents(facts, agentTypes.source, agentTypes.destination, agentTypes.recipient)
        : agents(facts, agentTypes.destination, agentTypes.source, agentTypes.recipient),
      entity: [...entity, ...common(patient, facts)],
    },
    facts.publicUrl,
  );
}

function agents(
  { principal, base, address }: RequestFacts,
  ...[client, server, user]: readonly [client: AgentType, server: AgentType, user: AgentType]
): readonly Agent[] {
  const { kind, subject, issuer, clientId, fhirUser } = principal;
  return [
    programAgent(client, { clientId, issuer, address }, kind !== 'user'),
    serverAgent(server, base),
    ...(kind === 'user' ? [userAgent(user, { username: subject, issuer, fhirUser })] : []),
  ];
}

type AgentType = (typeof agentTypes)[keyof typeof agentTypes];

function common(patient: string | null, { requestId }: RequestFacts): readonly Entity[] {
  return [
    ...(patient === null ? [] : [patientEntity(patient)]),
    ...(requestId === null ? [] : [requestEntity(requestId)]),
  ];
}

function patientsIn(patients: readonly string[]): readonly (string | null)[] {
  return patients.length === 0 || patients.length > mostPatients ? [null] : patients;
}
