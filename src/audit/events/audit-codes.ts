/** Codes that AuditEvents of this server use. Sources: FHIR R4 auditevent.html, DICOM PS3.16 CID 400 to 402, IHE BALP. */
export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
const terminology = 'http://terminology.hl7.org/CodeSystem';

export const eventTypes = {
  rest: { system: `${terminology}/audit-event-type`, code: 'rest', display: 'RESTful Operation' },
  activity: { system: dcm, code: '110100', display: 'Application Activity' },
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
  source: { system: dcm, code: '110153', display: 'Source Role ID' },
  destination: { system: dcm, code: '110152', display: 'Destination Role ID' },
  application: { system: dcm, code: '110150', display: 'Application' },
  custodian: {
    system: `${terminology}/provenance-participant-type`,
    code: 'custodian',
    display: 'Custodian',
  },
  authorizationServer: {
    system: `${terminology}/extra-security-role-type`,
    code: 'authserver',
    display: 'authorization server',
  },
  author: { system: `${terminology}/v3-ParticipationType`, code: 'AUT', display: 'author (originator)' },
  recipient: {
    system: `${terminology}/v3-ParticipationType`,
    code: 'IRCP',
    display: 'information recipient',
  },
} as const satisfies Readonly<Record<string, Coding>>;

export const entityTypes = {
  person: { system: `${terminology}/audit-entity-type`, code: '1', display: 'Person' },
  systemObject: { system: `${terminology}/audit-entity-type`, code: '2', display: 'System Object' },
  requestId: {
    system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
    code: 'XrequestId',
  },
} as const satisfies Readonly<Record<string, Coding>>;

export const entityRoles = {
  patient: { system: `${terminology}/object-role`, code: '1', display: 'Patient' },
  domainResource: { system: `${terminology}/object-role`, code: '4', display: 'Domain Resource' },
  securityUser: { system: `${terminology}/object-role`, code: '11', display: 'Security User Entity' },
  securityResource: { system: `${terminology}/object-role`, code: '13', display: 'Security Resource' },
  query: { system: `${terminology}/object-role`, code: '24', display: 'Query' },
} as const satisfies Readonly<Record<string, Coding>>;

const lifecycleSystem = `${terminology}/dicom-audit-lifecycle`;

export const lifecycles = {
  create: { system: lifecycleSystem, code: '1', display: 'Origination / Creation' },
  update: { system: lifecycleSystem, code: '3', display: 'Amendment' },
  delete: { system: lifecycleSystem, code: '14', display: 'Logical deletion' },
} as const satisfies Readonly<Record<string, Coding>>;

const profileBase = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

/** Canonical URL of a profile of IHE's Basic Audit Log Patterns: `Create` or `PatientCreate`, and so on. */
export function balpProfile(
  name: 'Create' | 'Read' | 'Update' | 'Delete' | 'Query',
  hasPatient: boolean,
): string {
  return `${profileBase}${hasPatient ? 'Patient' : ''}${name}`;
}
