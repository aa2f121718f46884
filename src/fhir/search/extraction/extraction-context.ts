import type { Definitions } from '../../definitions/index.js';
import type { TextIndex } from '../text/text-index.js';

/** What extraction has to know beside the resource. */
export interface ExtractionContext {
  /** With the parameters of extensions; absent: those of FHIR R4. */
  readonly definitions?: Definitions;
  /**
   * Base URLs of the repository: an absolute reference below one of them is local. A slash at the end makes
   * no difference.
   */
  readonly bases: readonly string[];
  /** Which words are indexed; absent: none. */
  readonly text?: TextIndex;
  /** Zone of dates without an offset, an IANA name or `+hh:mm`; absent: UTC. */
  readonly timeZone?: string;
  /**
   * The text of a decimal as the sender wrote it, by the object (or array) that holds it and the property (or
   * index), so that `2.0` keeps its precision. Absent or undefined: the shortest text of the number is taken.
   */
  readonly decimalText?: (owner: object, key: string | number) => string | undefined;
}
