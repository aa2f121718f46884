import type { JsonObjectNode } from '../../format/json-tree.js';
import { patchTooLarge } from './patch-errors.js';

/** A patch that was read and checked as far as that is possible without the resource. */
export interface PatchDocument {
  /**
   * Changes the tree of a resource in place. May be called again, on another tree.
   *
   * @throws FirekeepError `FHIR_PATCH_FAILED`, `FHIR_PATCH_TEST_FAILED`, `FHIR_PATCH_TOO_LARGE`; the tree is then useless
   */
  apply(resource: JsonObjectNode): void;
  /** Every `reference` in what the patch brings: conditional references have to be known before it is applied. */
  readonly references: readonly string[];
}

/** Most operations of one patch. */
export const maximumOperations = 1_000;

/** Characters that a patch may copy into a resource. */
const maximumCopied = 16 * 2 ** 20;

/** Levels that a patch may build; what is left in the end must have fewer. */
const maximumDepth = 128;

/** Keeps a few operations from making a resource grow without bounds, each copying what the last one made. */
export class CopyBudget {
  private left = maximumCopied;

  /** @throws FirekeepError `FHIR_PATCH_TOO_LARGE` */
  readonly count = (length: number, depth: number): void => {
    this.left -= length + 1;
    if (this.left < 0 || depth > maximumDepth)
      throw patchTooLarge('The patch makes the resource larger or deeper than one can be.');
  };
}
