import type { IncomingMessage } from 'node:http';
import { requestContext } from '../platform/http/index.js';
import type { FhirEndpoint } from './endpoint.js';

const routes = new WeakSet();

/** Marks what the registry puts into a request's context as an endpoint. */
export function markRoute(endpoint: FhirEndpoint): void {
  routes.add(endpoint);
}

/** The endpoint that a raw request came in through; undefined where it came by another way. */
export function findEndpointOf(request: IncomingMessage): FhirEndpoint | undefined {
  const { route } = requestContext(request);
  return route !== undefined && routes.has(route) ? (route as FhirEndpoint) : undefined;
}

/** The endpoint that a raw request came in through. */
export function endpointOf(request: IncomingMessage): FhirEndpoint {
  const endpoint = findEndpointOf(request);
  if (endpoint === undefined) throw new Error('The request did not come in through a FHIR endpoint.');
  return endpoint;
}
