import type { ParameterValues } from '../../search/index-values.js';
import type { RecordedParameter } from '../search-coverage.js';

/** A stored text, taken apart. Members of `meta` are as they stand, of whatever type. */
export interface StoredBody {
  readonly type: string;
  readonly id: string | undefined;
  readonly versionId: unknown;
  readonly lastUpdated: unknown;
  /** What the index of the current version derives from. */
  values(): readonly ParameterValues[];
}

/** Takes a stored text apart with the definitions and settings with which it was stored. */
export interface StoredBodyReader {
  /** @throws FirekeepError for what is no resource */
  read(content: Buffer, repository: string): StoredBody;
  /** Search parameters of extensions that it derives values for. */
  readonly additions: readonly RecordedParameter[];
  /** Learns what has changed in the definitions of repositories. @returns whether it was something */
  refresh(): Promise<boolean>;
}

/** Injection token of the StoredBodyReader. */
export const STORED_BODY_READER = Symbol('StoredBodyReader');
