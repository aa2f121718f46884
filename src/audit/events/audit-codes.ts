/**
 * Codes that AuditEvents of this server use. Those of every read and write have no display, which would be indexed
 * each time. Sources: FHIR R4 auditevent.html, DICOM PS3.16 CID 400 to 402, IHE BALP.
 */
export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
const terminology = 'http://terminology.hl7.org/CodeSystem';

export const eventTypes = {
  rest: { system: `${terminology}/audit-event-type`, code: 'rest' },
  alert: { system: dcm, code: '110113', display: 'Security Alert' },
  authentication: { system: dcm, code: '110114', display: 'User Authentication' },
} as const satisfies Readonly<Record<string, Coding>>;

export const subtypes = {
  login: { system: dcm, code: '110122', display: 'Login' },
  securityConfiguration: { system: dcm, code: '110129', display: 'Security Configuration' },
  userSecurity: { system: dcm, code: '110137', display: 'User Security Attributes Changed' },
  getAccessToken: { system: 'urn:ihe:event-type-code', code: 'ITI-71', display: 'Get Access Token' },
  authorization: {
    system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType',
    code: 'AuthZ-Role',
    display: 'Authorization Decision using only Roles',
  },
} as const satisfies Readonly<Record<string, Coding>>;

/** What FHIR and IHE have no code for. */
export function ownSubtype(code: string): Coding {
  return { system: 'urn:firekeep:audit-event', code };
}

export function interaction(code: string): Coding {
  return { system: 'http://hl7.org/fhir/restful-interaction', code };
}

export const agentTypes = {
  source: { system: dcm, code: '110153' },
  destination: { system: dcm, code: '110152' },
  application: { system: dcm, code: '110150' },
  custodian: {
    system: `${terminology}/provenance-participant-type`,
    code: 'custodian',
  },
  authorizationServer: {
    system: `${terminology}/extra-security-role-type`,
    code: 'authserver',
    display: 'authorization server',
  },
  author: { system: `${terminology}/v3-ParticipationType`, code: 'AUT' },
  recipient: {
    system: `${terminology}/v3-ParticipationType`,
    code: 'IRCP',
  },
} as const satisfies Readonly<Record<string, Coding>>;

export const entityTypes = {
  person: { system: `${terminology}/audit-entity-type`, code: '1' },
  systemObject: { system: `${terminology}/audit-entity-type`, code: '2' },
  requestId: {
    system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
    code: 'XrequestId',
  },
} as const satisfies Readonly<Record<string, Coding>>;

export const entityRoles = {
  patient: { system: `${terminology}/object-role`, code: '1' },
  domainResource: { system: `${terminology}/object-role`, code: '4' },
  securityResource: { system: `${terminology}/object-role`, code: '13', display: 'Security Resource' },
  query: { system: `${terminology}/object-role`, code: '24' },
} as const satisfies Readonly<Record<string, Coding>>;

const lifecycleSystem = `${terminology}/dicom-audit-lifecycle`;

export const lifecycles = {
  create: { system: lifecycleSystem, code: '1' },
  update: { system: lifecycleSystem, code: '3' },
  delete: { system: lifecycleSystem, code: '14' },
} as const satisfies Readonly<Record<string, Coding>>;

const profileBase = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

/** Canonical URL of a profile of IHE's Basic Audit Log Patterns: `Create` or `PatientCreate`, and so on. */
export function balpProfile(
  name: 'Create' | 'Read' | 'Update' | 'Delete' | 'Query',
  hasPatient: boolean,
): string {
  return `${profileBase}${hasPatient ? 'Patient' : ''}${name}`;
}
