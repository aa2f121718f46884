import type { BundleEntryText } from '../format/bundle-text.js';
import { parseEntityTags } from '../format/entity-tag.js';
import type { WritePrecondition } from '../exchange/preconditions.js';

/** From `ifMatch` and `ifNoneMatch`. @throws FirekeepError 400 */
export function entryPrecondition({ request }: BundleEntryText): WritePrecondition {
  return {
    ...(request?.ifMatch === undefined ? {} : { ifMatch: parseEntityTags('ifMatch', request.ifMatch) }),
    ...(request?.ifNoneMatch === undefined
      ? {}
      : { ifNoneMatch: parseEntityTags('ifNoneMatch', request.ifNoneMatch) }),
  };
}
