export { HttpFront, takeOutAccessToken } from './http-front.js';
export type { UrlRewriter } from './http-front.js';
export { ErrorRenderers } from './error-renderer.js';
export type { ErrorRenderer, RenderedError } from './error-renderer.js';
export { ErrorFilter } from './error.filter.js';
export { requestContext } from './request-context.js';
export type { RequestContext } from './request-context.js';
export { PUBLIC_ROUTE, PublicRoute } from './public-route.js';
export { accessLog } from './access-log.js';
