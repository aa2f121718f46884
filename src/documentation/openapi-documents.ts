import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { EndpointRegistry } from '../endpoints/index.js';
import { oauth2OpenApiPaths } from '../oauth2/index.js';
import { Settings } from '../platform/config/index.js';
import { FhirOperations, RepositoryDefinitions } from '../fhir/index.js';
import { fhirComponents } from './fhir/documented-answers.js';
import { fhirPathsOf, genericFhirPaths, type FhirParts } from './fhir/fhir-openapi.js';

type PathItem = OpenAPIObject['paths'][string];

/** What the groups of operations are about, in the order in which the page shows them. */
const tags: NonNullable<OpenAPIObject['tags']> = [
  {
    name: 'FHIR',
    description:
      'Resources of any type; the list above has a document for each type. HEAD is answered wherever GET is, without the body.',
  },
  { name: 'OAuth2', description: 'Tokens: ask for them, about them, and take them back.' },
  { name: 'Registration', description: 'Clients that describe themselves (RFC 7591, RFC 7592).' },
  { name: 'Discovery', description: 'What this server says of itself.' },
];

/** The OpenAPI documents; each is made when it is first asked for, and kept. */
export class OpenApiDocuments {
  private whole: OpenAPIObject | undefined;

  constructor(
    private readonly app: INestApplication,
    private readonly settings: Settings,
    private readonly endpoints: EndpointRegistry,
  ) {}

  /** OAuth2, administration, health, and FHIR generically. */
  main(): OpenAPIObject {
    this.whole ??= this.build();
    return { ...this.whole, ...this.security() };
  }

  /** FHIR for one type; undefined: no such type. */
  ofType(type: string): OpenAPIObject | undefined {
    const paths = fhirPathsOf(this.fhir(), type);
    if (paths === undefined) return undefined;
    const description = `FHIR R4 ${type}: every interaction and search parameter.`;
    return {
      openapi: '3.0.0',
      info: { title: `Firekeep: ${type}`, version: '1', description },
      servers: [{ url: this.settings.publicUrl }],
      paths,
      ...this.security(),
    };
  }

  private build(): OpenAPIObject {
    const config = new DocumentBuilder()
      .setTitle('Firekeep')
      .setDescription(
        'OAuth2 and management API, and FHIR once for any type; the list above has a document for each resource type.',
      )
      .setVersion('1')
      .addServer(this.settings.publicUrl)
      .build();
    const scanned = SwaggerModule.createDocument(this.app, config);
    const paths = Object.fromEntries(
      Object.entries(scanned.paths)
        .filter(([path]) => !path.startsWith('/@'))
        .map(([path, item]) => [path, withoutWildcard(item)]),
    );
    const oauth2 = this.settings.servesAuthorization ? oauth2OpenApiPaths : {};
    const fhir = this.settings.servesResources ? withSmartConfiguration(this.fhir()) : {};
    return {
      ...scanned,
      paths: { ...oauth2, ...paths, ...fhir },
      tags: tags.filter(({ name }) => name !== 'FHIR' || this.settings.servesResources),
      components: {
        ...scanned.components,
        ...fhirComponents,
        schemas: { ...scanned.components?.schemas, ...fhirComponents.schemas },
      },
    };
  }

  /** Security schemes: the audience stands in the authorization URL, so that "Authorize" asks for the right one. */
  private security(): Pick<OpenAPIObject, 'components'> {
    const issuer = this.settings.issuer;
    const flow = (description: string, audience: string, scopes: Record<string, string>) => ({
      type: 'oauth2' as const,
      description,
      flows: {
        authorizationCode: {
          authorizationUrl: `${issuer}/authorize?aud=${encodeURIComponent(audience)}`,
          tokenUrl: `${issuer}/token`,
          scopes,
        },
      },
    });
    const flows = this.settings.servesAuthorization
      ? {
          fhir: flow('Sign in for the FHIR endpoint.', `${this.settings.publicUrl}${this.fhirPath()}`, {
            'user/*.cruds': 'Everything that your role allows',
            'user/*.rs': 'Read and search',
            openid: 'Who you are',
            fhirUser: 'Your FHIR resource',
          }),
          administration: flow(
            'Sign in as an administrator for the management API.',
            this.settings.managementUrl,
            { admin: 'Manage this server' },
          ),
        }
      : {};
    return {
      components: {
        ...fhirComponents,
        ...this.whole?.components,
        securitySchemes: {
          ...flows,
          bearer: { type: 'http', scheme: 'bearer', description: 'A token that you have already.' },
          basic: {
            type: 'http',
            scheme: 'basic',
            description: 'Of an administrator for the management API, of a client for OAuth2.',
          },
        },
      },
    };
  }

  private fhir(): FhirParts {
    const endpoint = this.endpoints.defaultEndpoint();
    const definitions = this.app.get(RepositoryDefinitions, { strict: false });
    return {
      base: this.fhirPath(),
      definitions: definitions.of(endpoint?.repository ?? 'default'),
      textIndex: this.settings.get('textIndex'),
      operations: this.app.get(FhirOperations, { strict: false }).all(),
    };
  }

  private fhirPath(): string {
    return this.endpoints.defaultEndpoint()?.path ?? '/fhir/r4';
  }
}

function withSmartConfiguration(parts: FhirParts): Record<string, PathItem> {
  return {
    ...genericFhirPaths(parts),
    [`${parts.base}/.well-known/smart-configuration`]: {
      get: {
        tags: ['FHIR'],
        summary: 'SMART configuration: where to get a token for this endpoint',
        externalDocs: { url: 'https://hl7.org/fhir/smart-app-launch/conformance.html' },
        responses: {
          200: {
            description: 'Addresses and capabilities.',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
        },
      },
    },
  };
}

/** Nest lists the wildcard of a route as a parameter of its own, beside the name that the document gives it. */
function withoutWildcard(item: PathItem): PathItem {
  const entries = Object.entries(item) as [string, { parameters?: readonly { name?: string }[] }][];
  return Object.fromEntries(
    entries.map(([method, { parameters, ...operation }]) => [
      method,
      { ...operation, ...(parameters && { parameters: parameters.filter(({ name }) => name !== '*') }) },
    ]),
  );
}
