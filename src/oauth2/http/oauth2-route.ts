import type { FastifyReply, FastifyRequest } from 'fastify';

/** A route of the authorization server that isn't the engine's. Its body is read by `parsed-body.ts`, from the raw stream. */
export interface Oauth2Route {
  readonly method: readonly ('GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS')[];
  /** Below the issuer, with Fastify's parameters: `/register/:clientId`. */
  readonly path: string;
  /** How errors are shown: as a page to people, as JSON to programs. */
  readonly answers: 'page' | 'json';
  handle(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

/** Who serves such routes. */
export interface Oauth2Routes {
  readonly routes: readonly Oauth2Route[];
}
