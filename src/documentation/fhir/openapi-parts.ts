import type { OpenAPIObject } from '@nestjs/swagger';

export type PathItem = OpenAPIObject['paths'][string];
export type Operation = NonNullable<PathItem['get']>;
export type Parameter = NonNullable<Operation['parameters']>[number];
export type RequestBody = NonNullable<Operation['requestBody']>;
export type Responses = Operation['responses'];
export type Components = NonNullable<OpenAPIObject['components']>;

const text = { type: 'string' as const };

export const header = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  description,
  schema: text,
});

export const query = (name: string, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema: text,
});

/** @param values when these are all that there are */
export const path = (name: string, description: string, values?: readonly string[]): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: values === undefined ? text : { ...text, enum: [...values] },
});

/** A resource in the two forms that it has. */
export function resourceContent(schema: string): Record<string, object> {
  return {
    'application/fhir+json': { schema: { $ref: `#/components/schemas/${schema}` } },
    'application/fhir+xml': { schema: { $ref: '#/components/schemas/Xml' } },
  };
}

export const anyResource = resourceContent('Resource');
export const bundle = resourceContent('Bundle');
export const outcome = resourceContent('OperationOutcome');

/** `/:type/:id` → `/{type}/{id}` */
export function template(route: string): string {
  return route.replace(/:(\w+)/g, '{$1}');
}
