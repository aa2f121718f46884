/** Media type of a JSON Patch (RFC 6902). */
export const jsonPatchType = 'application/json-patch+json';

/** A patch as it came. */
export interface PatchText {
  readonly form: 'json-patch' | 'fhirpath-patch';
  /** JSON: of a FHIRPath Patch a Parameters resource. */
  readonly body: Buffer;
}
