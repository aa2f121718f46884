const longest = 4096;
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const smartPrefix = /^(patient|user|system)\//;
const smartScope =
  /^(?:patient|user|system)\/(?:\*|[A-Z][A-Za-z]{1,63})\.(?:read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?[^?#\s]+)?$/;

/**
 * Space-separated scope tokens; what begins like a SMART scope must be one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
 * @see https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 * @returns what is wrong, or undefined.
 */
export function scopeProblem(scope: string): string | undefined {
  if (scope === '') return undefined;
  if (scope.length > longest) return `is longer than ${longest} characters.`;
  for (const token of scope.split(' ')) {
    if (!scopeToken.test(token)) return 'must be scope names with one space between them.';
    if (smartPrefix.test(token) && !smartScope.test(token)) {
      return `has ${token}, which is no SMART scope such as patient/Observation.rs.`;
    }
  }
  return undefined;
}
