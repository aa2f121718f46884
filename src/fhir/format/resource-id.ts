import { randomUUID } from 'node:crypto';

const shape = /^[A-Za-z0-9\-.]{1,64}$/;

/** Whether a text is a logical id. Source: FHIR R4 datatypes.html#id. */
export function isResourceId(text: string): boolean {
  return shape.test(text);
}

/** A new logical id: a UUID of version 7 (RFC 9562), so that ids given in a row are stored side by side. */
export function newResourceId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
