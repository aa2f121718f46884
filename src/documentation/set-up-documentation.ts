import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { docsClientId } from '../clients/index.js';
import { EndpointRegistry } from '../endpoints/index.js';
import { loadDefinitions } from '../fhir/index.js';
import { Settings } from '../platform/config/index.js';
import { FirekeepError } from '../platform/errors/index.js';
import {
  documentationPage,
  documentationPolicy,
  documentationScript,
  documentationStyles,
} from './pages/documentation-page.js';
import { icon } from './pages/icon.js';
import { OpenApiDocuments } from './openapi-documents.js';

const assets = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'oauth2-redirect.html',
  'oauth2-redirect.js',
];
const hour = 'public, max-age=3600';

/**
 * Serves `/docs` (Swagger UI), `/docs/openapi.json` and one document a resource type under
 * `/docs/openapi/<Type>.json`. Call before the application is initialised.
 */
export async function setUpDocumentation(app: NestFastifyApplication): Promise<void> {
  const settings = app.get(Settings);
  const documents = new OpenApiDocuments(app, settings, app.get(EndpointRegistry, { strict: false }));
  const fastify = app.getHttpAdapter().getInstance();
  const root = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  await fastify.register(fastifyStatic, { root, serve: false, decorateReply: true });

  const guarded = (reply: FastifyReply): FastifyReply =>
    reply.headers({
      'content-security-policy': documentationPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });

  fastify.get('/docs', (request: FastifyRequest, reply: FastifyReply) =>
    guarded(reply)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(documentationPage(request.url.split('?', 1)[0]?.endsWith('/') === true ? './' : 'docs/')),
  );
  fastify.get('/docs/init.js', (_request: FastifyRequest, reply: FastifyReply) =>
    guarded(reply)
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(script(settings)),
  );
  fastify.get('/docs/page.css', (_request: FastifyRequest, reply: FastifyReply) =>
    guarded(reply).type('text/css; charset=utf-8').header('cache-control', hour).send(documentationStyles),
  );
  // Browsers ask for the second one by themselves.
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    fastify.get(path, (_request: FastifyRequest, reply: FastifyReply) =>
      guarded(reply).type('image/svg+xml').header('cache-control', hour).send(icon),
    );
  }
  for (const asset of assets) {
    fastify.get(`/docs/${asset}`, (_request: FastifyRequest, reply: FastifyReply) =>
      guarded(reply).header('cache-control', hour).sendFile(asset),
    );
  }
  fastify.get('/docs/openapi.json', (_request: FastifyRequest, reply: FastifyReply) =>
    guarded(reply).header('cache-control', 'no-cache').send(documents.main()),
  );
  fastify.get<{ Params: { file: string } }>('/docs/openapi/:file', (request, reply) => {
    const document = documents.ofType(request.params.file.replace(/\.json$/, ''));
    if (document === undefined) {
      throw new FirekeepError('not-found', 'DOCS_UNKNOWN_TYPE', 'There is no such resource type in FHIR R4.');
    }
    return guarded(reply).header('cache-control', hour).send(document);
  });
}

function script(settings: Settings): string {
  const base = settings.publicUrl;
  const types = settings.servesResources ? loadDefinitions().resourceTypes : [];
  return documentationScript({
    clientId: docsClientId,
    redirectUrl: `${base}/docs/oauth2-redirect.html`,
    scopes: ['user/*.cruds', 'openid', 'fhirUser', 'admin'],
    documents: [
      { name: 'Firekeep: OAuth2, administration, FHIR', url: `${base}/docs/openapi.json` },
      ...types.map((type) => ({ name: `FHIR ${type}`, url: `${base}/docs/openapi/${type}.json` })),
    ],
  });
}
