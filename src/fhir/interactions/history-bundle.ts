import type { BundleLink } from '../format/bundle-writer.js';
import { BundleWriter } from '../format/bundle-writer.js';
import { entityTag } from '../format/entity-tag.js';
import type { HistoryVersion } from '../storage/ports.js';
import { statusLine } from '../exchange/interaction-result.js';

/**
 * The Bundle of a history: each entry tells the request that made the version and what it was answered.
 * Source: FHIR R4 http.html#history.
 *
 * @param total null: not counted
 */
export function historyBundle(
  base: string,
  versions: readonly HistoryVersion[],
  { total, links }: { readonly total: number | null; readonly links: readonly BundleLink[] },
): Buffer {
  const bundle = new BundleWriter('history', { ...(total === null ? {} : { total }), links });
  for (const version of versions) addVersion(bundle, base, version);
  return bundle.finish();
}

function addVersion(bundle: BundleWriter, base: string, stored: HistoryVersion): void {
  const { type, id, version, lastUpdated, deleted, content, method } = stored;
  bundle.add({
    fullUrl: `${base}/${type}/${id}`,
    ...(deleted ? {} : { resource: content }),
    request: { method, url: method === 'POST' ? type : `${type}/${id}` },
    response: {
      status: statusLine(deleted ? 204 : version === 1 || method === 'POST' ? 201 : 200),
      etag: entityTag(version),
      lastModified: new Date(lastUpdated).toISOString(),
    },
  });
}
