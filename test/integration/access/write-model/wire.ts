import type { Edit } from './edits.js';
import { uuidOf, type Request, type Write } from './requests.js';
import { resources } from './stored.js';

export interface Sent {
  readonly method: string;
  /** Below the base. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
}

const json = 'application/fhir+json';

/** A request as it is sent. */
export function wireOf({ form, writes, prefer }: Request, key: string | undefined): Sent {
  const headers = {
    ...(prefer === null ? {} : { prefer: `return=${prefer}` }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const [only] = writes;
  if (form === 'alone' && only !== undefined) {
    const { method, url, body, ifNoneExist } = partsOf(only);
    const type = Array.isArray(body) ? 'application/json-patch+json' : json;
    return {
      ...{ method, url },
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    };
  }
  const entry = writes.map((write, index) => {
    const { method, url, body, ifNoneExist } = partsOf(write);
    return {
      ...(write.kind === 'create' ? { fullUrl: uuidOf(index) } : {}),
      ...(body === undefined ? {} : { resource: Array.isArray(body) ? binary(body) : body }),
      request: { method, url, ...(ifNoneExist === undefined ? {} : { ifNoneExist }) },
    };
  });
  const payload = JSON.stringify({ resourceType: 'Bundle', type: form, entry });
  return { method: 'POST', url: '', headers: { ...headers, 'content-type': json }, payload };
}

interface Parts {
  readonly method: string;
  readonly url: string;
  /** A list: a JSON Patch. */
  readonly body?: object;
  readonly ifNoneExist?: string;
}

function partsOf(write: Write): Parts {
  switch (write.kind) {
    case 'create': {
      const { body, ifNoneExist } = write;
      const criteria = ifNoneExist === undefined ? {} : { ifNoneExist: ifNoneExist.query };
      return { method: 'POST', url: body.resourceType, body, ...criteria };
    }
    case 'update':
      return { method: 'PUT', url: `${write.body.resourceType}/${write.id}`, body: write.body };
    case 'update-by':
      return { method: 'PUT', url: `${write.body.resourceType}?${write.criteria.query}`, body: write.body };
    case 'patch':
      return { method: 'PATCH', url: `${write.type}/${write.id}`, body: patchOf(write) };
    case 'patch-by':
      return { method: 'PATCH', url: `${write.type}?${write.criteria.query}`, body: patchOf(write) };
    case 'delete':
      return { method: 'DELETE', url: `${write.type}/${write.id}` };
    case 'delete-by':
      return { method: 'DELETE', url: `${write.type}?${write.criteria.query}` };
    case 'read':
      return { method: 'GET', url: `${write.type}/${write.id}` };
  }
}

function patchOf(write: Extract<Write, { kind: 'patch' | 'patch-by' }>): object {
  const { type, edit, form } = write;
  if (form === 'json' || edit.kind !== 'set') return [jsonPatch(edit)];
  const target = resources.find(
    (one) =>
      one.resourceType === type && (write.kind === 'patch' ? one.id === write.id : write.criteria.holds(one)),
  );
  const isThere = target?.[edit.element] !== undefined;
  const value = typeof edit.value === 'string' ? { valueCode: edit.value } : { valueReference: edit.value };
  const part = isThere
    ? [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: `${type}.${edit.element}` },
        { name: 'value', ...value },
      ]
    : [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: type },
        { name: 'name', valueString: edit.element },
        { name: 'value', ...value },
      ];
  return { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] };
}

function jsonPatch(edit: Edit): object {
  const path = `/${edit.element}`;
  switch (edit.kind) {
    case 'set':
      return { op: 'add', path, value: edit.value };
    case 'copy':
      return { op: 'copy', from: `/${edit.from}`, path };
    case 'remove':
      return { op: 'remove', path };
  }
}

function binary(patch: object): object {
  return {
    ...{ resourceType: 'Binary', contentType: 'application/json-patch+json' },
    data: Buffer.from(JSON.stringify(patch)).toString('base64'),
  };
}
