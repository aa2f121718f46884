import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { migrations } from '../../migrations/index.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FhirCors, keepNothingOfUrlTokens } from '../access/index.js';
import { AppModule, entities } from './app.module.js';
import { startedExtensions } from './start-extensions.js';
import { setUpDocumentation } from '../documentation/index.js';
import { loadExtensions, type Extensions } from './extensions.js';
import type { Settings } from '../platform/config/index.js';
import { SecretBox, secretKeyOf } from '../platform/crypto/index.js';
import { closeDatabase, openDatabase } from '../platform/database/index.js';
import { migrateExtensions } from '../platform/extension/index.js';
import { compressAnswers, isFhirUrl, ReindexRunner, SearchParameterActivation } from '../fhir/index.js';
import {
  accessLog,
  answerDefaults,
  ErrorFilter,
  HttpFront,
  refuseRepeated,
  registerBodyParsers,
} from '../platform/http/index.js';
import { Logger } from '../platform/logging/index.js';
import { RecurringJobs } from '../platform/schedule/index.js';

/**
 * Opens and migrates the database and builds the application, ready to `listen` or to `inject`.
 *
 * @param extensions modules of extensions, besides those that `FIREKEEP_EXTENSIONS` names; they fill the registries
 * of `FhirExtensionModule`
 * @throws FirekeepError `DATABASE_…`, `CONFIG_…`, `EXTENSION_…` with what to do.
 */
export async function createApplication(
  settings: Settings,
  logger = Logger.of(settings),
  extensions: Extensions = [],
): Promise<NestFastifyApplication> {
  const front = new HttpFront();
  return overDatabase(settings, { logger, front }, extensions, (module) =>
    buildApplication(settings, logger, front, module),
  );
}

async function buildApplication(
  settings: Settings,
  logger: Logger,
  front: HttpFront,
  module: DynamicModule,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: settings.get('bodyLimit'),
    trustProxy: settings.get('trustProxy').length === 0 ? false : [...settings.get('trustProxy')],
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: true, maxParamLength: 512 },
    serverFactory: (handler: RequestListener) => createHttpServer(front, handler),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      app.get(ErrorFilter).answer(error, request, reply);
    },
    rewriteUrl: (request: IncomingMessage) => front.rewrite(request),
    genReqId: (request: IncomingMessage) => front.requestId(request),
  });
  const app: NestFastifyApplication = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
    bodyParser: false,
  });
  app.useGlobalFilters(app.get(ErrorFilter));
  const fastify = adapter.getInstance();
  const bytesLimit = settings.get('bodyLimit');
  registerBodyParsers(fastify, {
    keepsBytes: isFhirUrl,
    bytesLimit,
    parsedLimit: Math.min(bytesLimit, 2 ** 20),
    totalLimit: 4 * bytesLimit,
  });
  fastify.addHook('onRequest', answerDefaults);
  fastify.addHook('onRequest', refuseRepeated('host'));
  fastify.addHook('onResponse', accessLog(logger));
  const cors = app.get(FhirCors, { strict: false });
  fastify.addHook('onRequest', (request, reply, done) => cors.handle(request, reply, done));
  fastify.addHook('onSend', keepNothingOfUrlTokens);
  if (settings.get('compression')) fastify.addHook('onSend', compressAnswers);
  await setUpDocumentation(app);
  await app.init();
  if (settings.servesResources) {
    await app.get(SearchParameterActivation, { strict: false }).activate();
    app.get(ReindexRunner, { strict: false }).start();
  }
  app.get(RecurringJobs, { strict: false }).start();
  await fastify.ready();
  return app;
}

function createHttpServer(front: HttpFront, handler: RequestListener): Server {
  const server = createServer({ requestTimeout: 120_000, keepAliveTimeout: 65_000 }, (request, response) => {
    front.receive(request);
    handler(request, response);
  });
  // Node leaves headers out beyond a number, such as those that a proxy put behind the client's; bytes are bounded anyway.
  server.maxHeadersCount = 0;
  return server;
}

/** The same modules without HTTP, those of extensions too, for the command line. */
export async function createContext(settings: Settings, logger: Logger): Promise<INestApplicationContext> {
  return overDatabase(settings, { logger, front: new HttpFront() }, [], (module) =>
    NestFactory.createApplicationContext(module, { logger, abortOnError: false }),
  );
}

/** An application closes its database itself; where there came none, nobody else would. */
async function overDatabase<T>(
  settings: Settings,
  parts: { readonly logger: Logger; readonly front: HttpFront },
  extensions: Extensions,
  build: (module: DynamicModule) => Promise<T>,
): Promise<T> {
  const modules = [...(await loadExtensions(settings.get('extensions'))), ...extensions];
  const started = await startedExtensions(settings, modules, parts.logger);
  const secretBox = new SecretBox(secretKeyOf(settings));
  const database = await openDatabase(settings, entities, migrations, (source) =>
    migrateExtensions(source, started.definitions),
  );
  try {
    return await build(
      AppModule.of({ ...parts, settings, secretBox, extensions: started }, database, modules),
    );
  } catch (error) {
    await closeDatabase(database);
    throw error;
  }
}
