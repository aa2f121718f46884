import type { Definitions } from '../../definitions/index.js';
import type { JsonObject } from '../../format/parsed-resource.js';
import type { OutcomeIssue } from '../../outcome/operation-outcome.js';

const baseProfiles = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * What can't be said of profiles: this server knows those of FHIR R4 itself, the resource types.
 *
 * @param asked canonical that the resource is to be validated against; undefined: none
 * @param at FHIRPath of the resource
 */
export function profileIssues(
  definitions: Definitions,
  type: string,
  resource: JsonObject,
  asked: string | undefined,
  at: string,
): readonly OutcomeIssue[] {
  const issues: OutcomeIssue[] = [];
  if (asked !== undefined) {
    const base = baseTypeOf(definitions, asked);
    if (base === undefined) {
      issues.push({
        severity: 'error',
        code: 'not-supported',
        text: `The profile "${asked.slice(0, 200)}" is not known here, so the resource was not validated against it, only against FHIR R4 itself.`,
        expression: at,
      });
    } else if (base !== type && base !== 'Resource' && base !== 'DomainResource') {
      issues.push({
        severity: 'error',
        code: 'invalid',
        text: `The profile is for ${base}, but the resource is of type ${type.slice(0, 64)}.`,
        expression: at,
      });
    }
  }
  const claimed = unknownClaims(definitions, resource);
  if (claimed.length > 0) {
    const names = claimed.slice(0, 5).map((profile) => `"${profile.slice(0, 200)}"`);
    issues.push({
      severity: 'information',
      code: 'not-supported',
      text: `The resource claims profiles that are not known here and were not looked at: ${names.join(', ')}.`,
      expression: `${at}.meta.profile`,
    });
  }
  return issues;
}

/** The type of a profile of FHIR R4 itself, with or without its version. */
function baseTypeOf(definitions: Definitions, canonical: string): string | undefined {
  const [url = '', version] = canonical.split('|');
  if (version !== undefined && version !== definitions.fhirVersion) return undefined;
  const type = url.startsWith(baseProfiles) ? url.slice(baseProfiles.length) : '';
  return definitions.isResourceType(type) || type === 'Resource' || type === 'DomainResource'
    ? type
    : undefined;
}

function unknownClaims(definitions: Definitions, { meta }: JsonObject): readonly string[] {
  const profiles = typeof meta === 'object' && meta !== null ? (meta as JsonObject).profile : undefined;
  if (!Array.isArray(profiles)) return [];
  return profiles.filter(
    (profile): profile is string =>
      typeof profile === 'string' && baseTypeOf(definitions, profile) === undefined,
  );
}
