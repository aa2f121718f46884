import type { FastifyReply, FastifyRequest } from 'fastify';
import { markup, type Markup } from '../texts/markup.js';

/** What Nest gives as `@Req()` and `@Res()`: Fastify's. */
export type PageRequest = FastifyRequest;
export type PageReply = FastifyReply;

/** Who looks at a page. */
export interface Visitor {
  readonly username: string;
  readonly roles: readonly string[];
  /** `Practitioner/alice`, or an absolute URL; null: the account stands for nobody. */
  readonly fhirUser: string | null;
}

/** What an extension shows. */
export interface PageContent {
  readonly title: string;
  /** Made by the tag `html`; the heading is made of the title. */
  readonly body: Markup;
  /** Tag of BCP 47; `en` where it is absent. */
  readonly language?: string;
  /** 200 where it is absent. */
  readonly status?: number;
}

/** What the gate knows of a request to a page. */
export interface Visit {
  readonly visitor: Visitor;
  /** Against forged forms. */
  readonly token: string;
  readonly send: (reply: FastifyReply, content: PageContent) => unknown;
  /** Absolute address of a path of this server. */
  readonly addressOf: (path: string) => string;
}

/** A property of the raw request, as its context is. */
const visited = Symbol('visit');

interface WithVisit {
  [visited]?: Visit;
}

export function setVisit(request: object, visit: Visit): void {
  (request as WithVisit)[visited] = visit;
}

function visitOf(request: object): Visit {
  const visit = (request as WithVisit)[visited];
  if (visit === undefined) throw new Error('The route is neither @SignedIn() nor @ForAdministrators().');
  return visit;
}

/** Who looks at the page: of a raw request to a route that is `@SignedIn()` or `@ForAdministrators()`. */
export function visitorOf(request: object): Visitor {
  return visitOf(request).visitor;
}

/** The field that every form which is sent by POST must have. */
export function formToken(request: object): Markup {
  return markup`<input type="hidden" name="csrf" value="${visitOf(request).token}">`;
}

/** Sends a page with the look, the policy and the headers of this server's own pages. */
export function page(reply: FastifyReply, content: PageContent): unknown {
  return visitOf(reply.request.raw).send(reply, content);
}

/** Leads on to another page, as a form does when it is done. @param path of this server: `/oauth2/pages/clinic` */
export function seeOther(reply: FastifyReply, path: string): unknown {
  if (!path.startsWith('/')) throw new Error('A path of this server begins with a slash.');
  const address = visitOf(reply.request.raw).addressOf(path);
  return reply.header('cache-control', 'no-store').redirect(address, 303);
}
