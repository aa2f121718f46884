import type { Finding } from './finding.js';
import type { CheckedRow } from './check-rows.js';
import type { StoredBody, StoredBodyReader } from './stored-body.js';

/** A version as its row tells it, with the names of its numbers. */
export interface NamedVersion extends Pick<CheckedRow, 'rid' | 'id' | 'version' | 'lastUpdated' | 'deleted'> {
  readonly repositoryName: string;
  readonly typeName: string;
}

/** @returns the body where it can be read, and what is wrong with the text of the version */
export function checkText(
  reader: StoredBodyReader,
  version: NamedVersion,
  content: Buffer,
): { readonly body?: StoredBody; readonly findings: Finding[] } {
  if (version.deleted) {
    const findings = content.length === 0 ? [] : [finding(version, 'body-differs', 'a deletion has a body')];
    return { findings };
  }
  let body: StoredBody;
  try {
    body = reader.read(content, version.repositoryName);
  } catch (error) {
    return { findings: [finding(version, 'body-unreadable', (error as Error).message)] };
  }
  const { typeName, id, lastUpdated } = version;
  const expected: readonly (readonly [name: string, found: unknown, wanted: unknown])[] = [
    ['resourceType', body.type, typeName],
    ['id', body.id, id],
    ['meta.versionId', body.versionId, String(version.version)],
    ['meta.lastUpdated', timeOf(body.lastUpdated), lastUpdated],
  ];
  const findings = expected
    .filter(([, found, wanted]) => found !== wanted)
    .map(([name, found, wanted]) =>
      finding(version, 'body-differs', `${name} is ${text(found)} in the body, ${text(wanted)} in the row`),
    );
  return { body, findings };
}

export function finding(
  { rid, typeName, id, version }: Pick<NamedVersion, 'rid' | 'typeName' | 'id' | 'version'>,
  kind: Finding['kind'],
  detail: string,
): Finding {
  return { kind, rid, resource: `${typeName}/${id}`, version, detail };
}

function timeOf(value: unknown): unknown {
  return typeof value === 'string' ? Date.parse(value) : value;
}

function text(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, 100);
}
