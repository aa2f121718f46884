import { Inject, Injectable } from '@nestjs/common';
import type { Definitions } from '../../definitions/index.js';
import { FHIR_DEFINITIONS } from '../../fhir-tokens.js';
import { readFhirPathPatch } from './fhirpath-patch.js';
import { readJsonPatch } from './json-patch.js';
import type { PatchDocument } from './patch-document.js';

/** Media type of a JSON Patch (RFC 6902). */
export const jsonPatchType = 'application/json-patch+json';

/** A patch as it came. */
export interface PatchText {
  readonly form: 'json-patch' | 'fhirpath-patch';
  /** JSON: of a FHIRPath Patch a Parameters resource. */
  readonly body: Buffer;
}

/** Reads patches of either form. */
@Injectable()
export class PatchReader {
  constructor(@Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions) {}

  /** @throws FirekeepError `FHIR_INVALID_PATCH`, `FHIR_PATCH_TOO_LARGE`, or what is wrong with the JSON */
  read({ form, body }: PatchText): PatchDocument {
    return form === 'json-patch' ? readJsonPatch(body) : readFhirPathPatch(body, this.definitions);
  }
}
