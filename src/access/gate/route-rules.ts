import {
  type ExecutionContext,
  Injectable,
  type OnApplicationBootstrap,
  RequestMethod,
  type Type,
} from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/internal';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { FirekeepError } from '../../platform/errors/index.js';
import { PAGE_ROUTE, pagesPath, PUBLIC_ROUTE, type PageAudience } from '../../platform/http/index.js';
import { ACCESS_RULE, type AccessRule } from '../../contract/index.js';

export type RouteRule =
  | AccessRule
  | { readonly kind: 'administration' }
  | { readonly kind: 'page'; readonly audience: PageAudience };

type Handler = ReturnType<ExecutionContext['getHandler']>;

const fhirPrefix = /^\/@fhir(?:\/|$)/;
const administrationPrefix = /^\/admin\/api\/v1(?:\/|$)/i;

/**
 * The rule of every route, from what it declares. A FHIR route without an access rule, or another route that
 * is neither administration nor declared public, stops the start: nothing is reachable by being forgotten.
 */
@Injectable()
export class RouteRules implements OnApplicationBootstrap {
  private readonly known = new Map<Handler, RouteRule>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    for (const { metatype, instance } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function' || typeof instance !== 'object' || instance === null) continue;
      const prototype = Object.getPrototypeOf(instance) as Record<string, Handler>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name];
        if (handler !== undefined && Reflect.hasMetadata(METHOD_METADATA, handler))
          this.of(metatype as Type, handler);
      }
    }
  }

  /** @throws FirekeepError `ACCESS_UNDECLARED_ROUTE` */
  of(controller: Type, handler: Handler): RouteRule {
    const known = this.known.get(handler);
    if (known !== undefined) return known;
    const rule = this.declared(controller, handler);
    this.known.set(handler, rule);
    return rule;
  }

  private declared(controller: Type, handler: Handler): RouteRule {
    const paths = pathsOf(controller).flatMap((prefix) =>
      pathsOf(handler).map((path) => joined(prefix, path)),
    );
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [handler, controller]);
    const isPublic =
      rule?.kind === 'public' ||
      this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, [handler, controller]) === true;
    const audience = this.reflector.getAllAndOverride<PageAudience | undefined>(PAGE_ROUTE, [
      handler,
      controller,
    ]);
    if (audience !== undefined) {
      // The session is sent there only, and a handler has one rule.
      if (rule === undefined && !isPublic && paths.every((path) => path.startsWith(pagesPath))) {
        return { kind: 'page', audience };
      }
    } else if (paths.some((path) => administrationPrefix.test(path))) {
      // A handler has one rule, so it can't stand inside and outside of the management API.
      if (paths.every((path) => administrationPrefix.test(path)) && rule === undefined && !isPublic)
        return { kind: 'administration' };
    } else if (paths.every((path) => fhirPrefix.test(path))) {
      if (rule !== undefined) return rule;
    } else if (isPublic && !paths.some((path) => fhirPrefix.test(path))) return { kind: 'public' };
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? '';
    throw new FirekeepError(
      'internal',
      'ACCESS_UNDECLARED_ROUTE',
      `${controller.name}.${handler.name} (${method} ${paths.join(', ')}) declares no access rule that fits its path. ` +
        `A FHIR route needs @Interacts(…), @PerEntry(…) or @Public(), a page below ${pagesPath} @SignedIn() or ` +
        '@ForAdministrators(), any other one @PublicRoute(); the management API takes none of them.',
    );
  }
}

/** Every path that a controller or handler is registered under. */
function pathsOf(target: object): readonly string[] {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | readonly string[] | undefined;
  return path === undefined ? [''] : typeof path === 'string' ? [path] : path;
}

function joined(prefix: string, path: string): string {
  return `/${prefix}/${path}`.replace(/\/+/g, '/');
}
