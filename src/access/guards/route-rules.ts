import {
  Inject,
  Injectable,
  RequestMethod,
  type ExecutionContext,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/internal';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { FirekeepError } from '../../platform/errors/index.js';
import { PUBLIC_ROUTE } from '../../platform/http/index.js';
import { ACCESS_RULE, type AccessRule } from '../contract.js';

export type RouteRule = AccessRule | { readonly kind: 'administration' };

type Handler = ReturnType<ExecutionContext['getHandler']>;

const fhirPrefix = /^\/?@fhir(\/|$)/;
const administrationPrefix = /^\/?admin\/api\/v1(\/|$)/;

/**
 * The rule of every route, from what it declares. A FHIR route without an access rule, or another route that
 * is neither administration nor declared public, stops the start: nothing is reachable by being forgotten.
 */
@Injectable()
export class RouteRules implements OnApplicationBootstrap {
  private readonly known = new Map<Handler, RouteRule>();

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
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
    const path = pathsOf(controller).concat(pathsOf(handler));
    const prefix = pathsOf(controller)[0] ?? '';
    const whole = prefix === '' || prefix === '/' ? (path[1] ?? '') : prefix;
    if (administrationPrefix.test(whole)) return { kind: 'administration' };
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [handler, controller]);
    if (rule !== undefined && (fhirPrefix.test(whole) || rule.kind === 'public')) return rule;
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, [
      handler,
      controller,
    ]);
    if (isPublic === true && !fhirPrefix.test(whole)) return { kind: 'public' };
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? '';
    throw new FirekeepError(
      'internal',
      'ACCESS_UNDECLARED_ROUTE',
      `${controller.name}.${handler.name} (${method} ${path.join('/')}) declares no access rule. ` +
        'A FHIR route needs SetMetadata(ACCESS_RULE, …), any other one @PublicRoute().',
    );
  }
}

function pathsOf(target: object): string[] {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return path === undefined ? [] : Array.isArray(path) ? path.slice(0, 1) : [path];
}
