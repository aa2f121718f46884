import type { Interaction } from '../../contract/index.js';

/** An interaction that this server has, and where its route is. */
export interface SupportedInteraction {
  readonly interaction: Interaction;
  /** Whether the CapabilityStatement lists it for each type or for the system; `none`: it has no code there. */
  readonly level: 'type' | 'system' | 'none';
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base, with route parameters. */
  readonly path: string;
}

/**
 * Every interaction with its routes. The CapabilityStatement, the OpenAPI documents, the fallback's `Allow` and the
 * tests of the routes come from here. Source: FHIR R4 http.html#summary.
 */
const interactions = [
  { interaction: 'read', level: 'type', method: 'GET', path: '/:type/:id' },
  { interaction: 'vread', level: 'type', method: 'GET', path: '/:type/:id/_history/:vid' },
  { interaction: 'update', level: 'type', method: 'PUT', path: '/:type/:id' },
  { interaction: 'update', level: 'type', method: 'PUT', path: '/:type' },
  { interaction: 'patch', level: 'type', method: 'PATCH', path: '/:type/:id' },
  { interaction: 'patch', level: 'type', method: 'PATCH', path: '/:type' },
  { interaction: 'delete', level: 'type', method: 'DELETE', path: '/:type/:id' },
  { interaction: 'delete', level: 'type', method: 'DELETE', path: '/:type' },
  { interaction: 'history-instance', level: 'type', method: 'GET', path: '/:type/:id/_history' },
  { interaction: 'history-type', level: 'type', method: 'GET', path: '/:type/_history' },
  { interaction: 'history-system', level: 'system', method: 'GET', path: '/_history' },
  { interaction: 'create', level: 'type', method: 'POST', path: '/:type' },
  { interaction: 'search-type', level: 'type', method: 'GET', path: '/:type' },
  { interaction: 'search-type', level: 'type', method: 'POST', path: '/:type/_search' },
  { interaction: 'search-type', level: 'type', method: 'GET', path: '/:type/:id/:member' },
  { interaction: 'search-type', level: 'type', method: 'POST', path: '/:type/:id/:member/_search' },
  { interaction: 'search-system', level: 'system', method: 'GET', path: '/' },
  { interaction: 'search-system', level: 'system', method: 'POST', path: '/_search' },
  { interaction: 'transaction', level: 'system', method: 'POST', path: '/' },
  { interaction: 'batch', level: 'system', method: 'POST', path: '/' },
  { interaction: 'capabilities', level: 'none', method: 'GET', path: '/metadata' },
] as const satisfies readonly SupportedInteraction[];

type RouteOf<One extends SupportedInteraction> = One extends unknown
  ? `${One['method']} ${One['path']}`
  : never;

/** Method and path of a route: `GET /:type/:id`. */
export type InteractionRoute = RouteOf<(typeof interactions)[number]>;

export const supportedInteractions: readonly SupportedInteraction[] = interactions;
