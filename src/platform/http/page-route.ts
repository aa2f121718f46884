import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Metadata key of routes that are pages for people with a session of the authorization server. */
export const PAGE_ROUTE = 'firekeep:page-route';

/** Below which such routes stand: where the browser sends the session to, and to nowhere else. */
export const pagesPath = '/oauth2/pages/';

export type PageAudience = 'signed-in' | 'administrators';

/**
 * Declares a page for everyone who is signed in at the authorization server. It stands below `/oauth2/pages/`. Who isn't
 * signed in is led to the sign-in page and back; a form that is sent by POST must have come from a page of this browser
 * (`formToken`).
 */
export const SignedIn = (): CustomDecorator => SetMetadata(PAGE_ROUTE, 'signed-in' satisfies PageAudience);

/** Declares a page as `SignedIn` does, for users with the role `admin`; others are shown that it isn't for them. */
export const ForAdministrators = (): CustomDecorator =>
  SetMetadata(PAGE_ROUTE, 'administrators' satisfies PageAudience);

/** Injection token of PageGate; absent in a process that is a resource server only. */
export const PAGE_GATE = Symbol('PageGate');

/** Stands in front of pages; filled by the authorization server, which has the sessions. */
export interface PageGate {
  /** @returns false: the request is answered, by a redirect or another page */
  admit(request: FastifyRequest, reply: FastifyReply, audience: PageAudience): Promise<boolean>;
}
