/**
 * What is true of this server and of each of its endpoints that takes tokens.
 * https://hl7.org/fhir/smart-app-launch/conformance.html#capabilities
 */
export const smartCapabilities = [
  'launch-standalone',
  'launch-ehr',
  'authorize-post',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'context-standalone-encounter',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
] as const;

/** Of records that a resource server elsewhere keeps: who can't see them can't choose among them. */
export const capabilitiesElsewhere = smartCapabilities.filter(
  (name) => !name.startsWith('context-standalone'),
);
