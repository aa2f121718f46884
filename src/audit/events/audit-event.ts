import { journalTag, type OwnResource } from '../../fhir/index.js';
import { cleanText } from '../../platform/text/index.js';
import { entityRoles, entityTypes, type Coding } from './audit-codes.js';

export type Action = 'C' | 'R' | 'U' | 'D' | 'E';

/** Source: FHIR R4 valueset-audit-event-outcome. */
export const outcomes = { success: '0', minorFailure: '4', seriousFailure: '8' } as const;
export type Outcome = (typeof outcomes)[keyof typeof outcomes];

interface Identifier {
  readonly system?: string;
  readonly value: string;
}

interface Reference {
  readonly reference?: string;
  readonly identifier?: Identifier;
  readonly display?: string;
}

export interface Agent {
  readonly type: { readonly coding: readonly [Coding] };
  readonly who: Reference;
  readonly name?: string;
  readonly requestor: boolean;
  readonly network?: { readonly address: string; readonly type: '2' | '5' };
}

export interface Entity {
  readonly what?: Reference;
  readonly type: Coding;
  readonly role?: Coding;
  readonly lifecycle?: Coding;
  readonly query?: string;
  readonly description?: string;
  readonly detail?: readonly { readonly type: string; readonly valueString: string }[];
}

/** What differs from event to event. */
export interface AuditEventParts {
  readonly profile?: string;
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  readonly action: Action;
  /** Milliseconds since the epoch. */
  readonly recorded: number;
  readonly outcome: Outcome;
  readonly outcomeDesc?: string;
  readonly agent: readonly Agent[];
  readonly entity: readonly Entity[];
}

const applicationServer: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  code: '4',
  display: 'Application Server',
};

/** Characters of each text but queries, which are bounded where they are made. */
const longestText = 1_000;

/**
 * An AuditEvent that this server records: it carries the tag that clients can't set. Whatever clients, visitors and
 * other servers have brought into it is cleaned here, so that each event can be stored, read as XML, and shown.
 *
 * @param publicUrl of this server, which is the event's source
 */
export function auditEvent(parts: AuditEventParts, publicUrl: string): OwnResource {
  const { profile, type, subtype, action, recorded, outcome, outcomeDesc } = parts;
  const agent = cleaned(parts.agent);
  const entity = cleaned(parts.entity);
  return {
    resourceType: 'AuditEvent',
    meta: { ...(profile === undefined ? {} : { profile: [profile] }), tag: [journalTag] },
    type,
    subtype,
    action,
    recorded: new Date(recorded).toISOString(),
    outcome,
    ...(outcomeDesc === undefined ? {} : { outcomeDesc: cleaned(outcomeDesc) }),
    agent,
    source: { observer: { identifier: urlIdentifier(publicUrl) }, type: [applicationServer] },
    ...(entity.length === 0 ? {} : { entity }),
  };
}

export function urlIdentifier(url: string): Identifier {
  return { system: 'urn:ietf:rfc:3986', value: url };
}

/** A program: the client of a token. */
export function programAgent(
  type: Coding,
  {
    clientId,
    issuer,
    address,
    program = 'a program without an OAuth client',
  }: { clientId: string | null; issuer: string | null; address: string | null; program?: string | undefined },
  requestor: boolean,
): Agent {
  return {
    type: { coding: [type] },
    who:
      clientId === null
        ? { display: program }
        : { identifier: { ...(issuer === null ? {} : { system: issuer }), value: clientId } },
    requestor,
    // Source: FHIR R4 valueset-network-type: 2 is an IP address.
    ...(address === null ? {} : { network: { address, type: '2' } }),
  };
}

export function serverAgent(type: Coding, url: string): Agent {
  return {
    type: { coding: [type] },
    who: { identifier: urlIdentifier(url) },
    requestor: false,
    network: { address: url, type: '5' },
  };
}

/** A person, by the account; `fhirUser` where it is linked to a resource. */
export function userAgent(
  type: Coding,
  {
    username,
    issuer,
    fhirUser = null,
  }: { username: string; issuer: string | null; fhirUser?: string | null },
): Agent {
  return {
    type: { coding: [type] },
    who: {
      ...(fhirUser === null || !referenceShape.test(fhirUser) ? {} : { reference: fhirUser }),
      identifier: { ...(issuer === null ? {} : { system: issuer }), value: username },
    },
    name: username,
    requestor: true,
  };
}

/** Somebody who typed a name that is nobody's: it may be a password, so that a mark stands for it. */
export function unknownAgent(type: Coding, mark: string): Agent {
  return {
    type: { coding: [type] },
    who: { display: 'a name that no account has' },
    name: `unknown ${mark}`,
    requestor: true,
  };
}

export function patientEntity(id: string): Entity {
  return { what: { reference: `Patient/${id}` }, type: entityTypes.person, role: entityRoles.patient };
}

export function requestEntity(requestId: string): Entity {
  return { what: { identifier: { value: requestId } }, type: entityTypes.requestId };
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** What a reference of an agent looks like: relative or absolute, with type and id. */
const referenceShape = /^(?:https?:\/\/[\x21-\x7e]{1,500}\/)?[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/;

/** Every text in it as `cleanText` has it, and never empty; base64 as it is. */
function cleaned<T>(value: T): T {
  if (typeof value === 'string') return (cleanText(value, longestText) || '-') as T;
  if (Array.isArray(value)) return value.map(cleaned) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    copy[name] = name === 'query' ? member : cleaned<unknown>(member);
  }
  return copy as T;
}
