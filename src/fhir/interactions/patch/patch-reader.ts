import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../../platform/config/index.js';
import { type Definitions, FHIR_DEFINITIONS } from '../../definitions/index.js';
import type { PatchText } from '../../exchange/patch-text.js';
import { readFhirPathPatch } from './fhirpath-patch.js';
import { readJsonPatch } from './json-patch.js';
import type { PatchDocument } from './patch-document.js';

/** Reads patches of either form. */
@Injectable()
export class PatchReader {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly settings: Settings,
  ) {}

  /** @throws FirekeepError `FHIR_INVALID_PATCH`, `FHIR_PATCH_TOO_LARGE`, or what is wrong with the JSON */
  read({ form, body }: PatchText): PatchDocument {
    const values = this.settings.get('patchValues');
    return form === 'json-patch'
      ? readJsonPatch(body, values)
      : readFhirPathPatch(body, this.definitions, values);
  }
}
