import { Module, type CanActivate, type ExecutionContext, type Type } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { migrations } from '../../migrations/index.js';
import {
  ACCESS_POLICY,
  DENIED_REQUESTS,
  ENTRY_GATE,
  type EntryGate,
  setPrincipal,
  type AccessDecision,
  type AccessPolicy,
  type AccessRequest,
  type Principal,
} from '../../src/contract/index.js';
import { startedExtensions } from '../../src/application/index.js';
import { migrateExtensions } from '../../src/platform/extension/index.js';
import { EndpointEntity } from '../../src/endpoints/index.js';
import { compressAnswers, FhirModule, isFhirUrl, SearchParameterActivation } from '../../src/fhir/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { SecretBox } from '../../src/platform/crypto/index.js';
import { DatabaseModule, openDatabase } from '../../src/platform/database/index.js';
import { ErrorFilter, HttpFront, registerBodyParsers } from '../../src/platform/http/index.js';
import { Logger } from '../../src/platform/logging/index.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import type { TestDatabase } from './databases.js';

/** What the permissive gate of the kit says; a test may change it. */
export interface TestAccess {
  principal: Principal;
  /** Interactions that are denied, as `create Patient` or `create *`. */
  readonly denied: Set<string>;
  /** Every permission is narrowed to what has the tag `mine`. */
  narrowed: boolean;
  /** The last requests that the policy was asked about, the newest at the end. */
  readonly asked: AccessRequest[];
}

export interface FhirApplication {
  readonly app: NestFastifyApplication;
  readonly access: TestAccess;
  /** Base URL of the endpoint `/fhir/r4`. */
  readonly base: string;
}

const practitioner: Principal = {
  subject: 'alice',
  kind: 'user',
  clientId: 'app',
  issuer: null,
  roles: ['practitioner'],
  scopes: ['user/*.cruds'],
  fhirUser: null,
  patient: null,
};

function decide(access: TestAccess, request: AccessRequest): AccessDecision {
  const { interaction, resourceType } = request;
  access.asked.push(request);
  if (access.asked.length > 1000) access.asked.shift();
  const denied =
    access.denied.has(`${interaction} ${resourceType ?? '*'}`) || access.denied.has(`${interaction} *`);
  if (denied) return { kind: 'deny', check: 'test', reason: 'denied by the test' };
  const constraint = {
    resourceType: '*',
    interactions: new Set([interaction]),
    allOf: access.narrowed ? [{ query: '_tag=mine' }] : [],
    noneOf: [],
  };
  return { kind: 'permit', constraints: [constraint] };
}

/** Its decisions change at any time, with what the test says. */
function policyOf(access: TestAccess): AccessPolicy {
  let revision = 0;
  return {
    get revision() {
      return revision++;
    },
    decide: (request) => decide(access, request),
  };
}

const openGate: EntryGate = {
  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws becomes a rejection
  admit: async (_principal, _entry, authorize) => authorize(),
};

/** The FHIR module over a real database, behind a gate that lets one principal do everything. */
export async function fhirApplication(
  database: TestDatabase,
  environment: Readonly<Record<string, string>> = {},
  extensions: readonly Type[] = [],
): Promise<FhirApplication> {
  const settings = loadSettings({
    FIREKEEP_DATABASE_URL: await database.create(),
    FIREKEEP_LOG_LEVEL: 'error',
    FIREKEEP_PUBLIC_URL: 'http://fhir.example.org',
    ...environment,
  });
  const access: TestAccess = { principal: practitioner, denied: new Set(), narrowed: false, asked: [] };
  const gate: CanActivate = {
    canActivate: (context: ExecutionContext) => {
      setPrincipal(context.switchToHttp().getRequest<FastifyRequest>().raw, access.principal);
      return true;
    },
  };
  class Policy {}
  Module({
    providers: [
      { provide: ACCESS_POLICY, useValue: policyOf(access) },
      { provide: DENIED_REQUESTS, useValue: { record: () => 'reference' } },
      { provide: ENTRY_GATE, useValue: openGate },
    ],
    exports: [ACCESS_POLICY, DENIED_REQUESTS, ENTRY_GATE],
  })(Policy);
  const front = new HttpFront();
  const logger = new Logger(pino({ level: settings.get('logLevel') }));
  const started = await startedExtensions(settings, [...extensions]);
  const opened = await openDatabase(settings, [EndpointEntity], migrations, (source) =>
    migrateExtensions(source, started.definitions),
  );
  class Root {}
  Module({
    imports: [
      PlatformModule.of({
        ...{ settings, logger, front, extensions: started },
        secretBox: new SecretBox(randomBytes(32)),
      }),
      DatabaseModule.of(opened),
      FhirModule.of([Policy]),
      ...extensions,
    ],
    providers: [{ provide: APP_GUARD, useValue: gate }],
  })(Root);
  const app = await boot(Root, front, logger, settings.get('bodyLimit'));
  return { app, access, base: 'http://fhir.example.org/fhir/r4' };
}

async function boot(
  root: new () => object,
  front: HttpFront,
  logger: Logger,
  bytesLimit: number,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: true, maxParamLength: 512 },
    rewriteUrl: (request: IncomingMessage) => front.rewrite(request),
    genReqId: (request: IncomingMessage) => front.requestId(request),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      app.get(ErrorFilter).answer(error, request, reply);
    },
  });
  const app: NestFastifyApplication = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  app.useGlobalFilters(app.get(ErrorFilter));
  registerBodyParsers(adapter.getInstance(), {
    keepsBytes: isFhirUrl,
    bytesLimit,
    parsedLimit: 2 ** 20,
    totalLimit: 4 * bytesLimit,
  });
  adapter.getInstance().addHook('onSend', compressAnswers);
  await app.init();
  await app.get(SearchParameterActivation, { strict: false }).activate();
  await adapter.getInstance().ready();
  return app;
}
