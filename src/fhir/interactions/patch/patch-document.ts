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

/** Values that are as much work to copy as the look at one. */
const COPY_COST = 4;

/** What one patch may cost. Keeps a few operations from making a resource grow without bounds, or from long searches. */
export class PatchBudget {
  private characters = maximumCopied;
  private left: number;

  /** @param values that it may look at: `FIREKEEP_PATCH_VALUES` */
  constructor(private readonly values: number) {
    this.left = values;
  }

  /** Counts a value that is copied. @throws FirekeepError `FHIR_PATCH_TOO_LARGE` */
  readonly copy = (length: number, depth: number): void => {
    this.characters -= length + 1;
    if (this.characters < 0 || depth > maximumDepth)
      throw patchTooLarge('The patch makes the resource larger or deeper than one can be.');
    this.look(COPY_COST);
  };

  /** Counts values that are looked at. @throws FirekeepError `FHIR_PATCH_TOO_LARGE` */
  look(values: number): void {
    this.left -= values;
    if (this.left >= 0) return;
    throw patchTooLarge(
      `The patch looks at more than ${this.values} values, where one that it copies counts as ${COPY_COST}. ` +
        'Split the patch, or name indexes; FIREKEEP_PATCH_VALUES allows more.',
    );
  }
}
