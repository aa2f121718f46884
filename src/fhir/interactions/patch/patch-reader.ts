import { Inject, Injectable } from '@nestjs/common';
import { type Definitions, FHIR_DEFINITIONS } from '../../definitions/index.js';
import type { PatchText } from '../../exchange/patch-text.js';
import { readFhirPathPatch } from './fhirpath-patch.js';
import { readJsonPatch } from './json-patch.js';
import type { PatchDocument } from './patch-document.js';

/** Reads patches of either form. */
@Injectable()
export class PatchReader {
  constructor(@Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions) {}

  /** @throws FirekeepError `FHIR_INVALID_PATCH`, `FHIR_PATCH_TOO_LARGE`, or what is wrong with the JSON */
  read({ form, body }: PatchText): PatchDocument {
    return form === 'json-patch' ? readJsonPatch(body) : readFhirPathPatch(body, this.definitions);
  }
}
