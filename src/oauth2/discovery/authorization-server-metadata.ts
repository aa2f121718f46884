import { capabilitiesElsewhere } from './smart-capabilities.js';

/** Scopes for resources that are worth naming; any type and subset of `cruds` can be asked for. */
export const resourceScopes = [
  'user/*.cruds',
  'user/*.rs',
  'user/*.read',
  'user/*.write',
  'system/*.cruds',
  'system/*.rs',
  'system/*.read',
  'system/*.write',
  'patient/*.cruds',
  'patient/*.rs',
  'patient/*.read',
  'patient/*.write',
];

/** Where people see and end what they approved. https://hl7.org/fhir/smart-app-launch/conformance.html#metadata */
export function managementEndpoint(issuer: string): string {
  return `${issuer}/approvals`;
}

/** Ways to authenticate of those who ask about tokens; public clients can revoke their own. */
const confidentialMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/**
 * The metadata document with what the engine leaves out.
 * https://www.rfc-editor.org/rfc/rfc8414#section-2
 */
export function completeMetadata(
  document: Readonly<Record<string, unknown>>,
  publicUrl: string,
): Record<string, unknown> {
  const signing = document.token_endpoint_auth_signing_alg_values_supported;
  const scopes = Array.isArray(document.scopes_supported) ? (document.scopes_supported as string[]) : [];
  return {
    ...document,
    scopes_supported: [...scopes, ...resourceScopes],
    // An access token type is a method too: RFC 8414 section 2.
    introspection_endpoint_auth_methods_supported: [...confidentialMethods, 'Bearer'],
    introspection_endpoint_auth_signing_alg_values_supported: signing,
    revocation_endpoint_auth_methods_supported: [...confidentialMethods, 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: signing,
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    service_documentation: `${publicUrl}/docs`,
    // For the SMART configuration of resource servers elsewhere.
    capabilities: capabilitiesElsewhere,
    ...(typeof document.issuer === 'string'
      ? { management_endpoint: managementEndpoint(document.issuer) }
      : {}),
  };
}
