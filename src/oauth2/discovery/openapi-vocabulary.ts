import type { OpenAPIObject } from '@nestjs/swagger';

export type Paths = OpenAPIObject['paths'];
export type Operation = NonNullable<Paths[string]['get']>;
export type Parameter = NonNullable<Operation['parameters']>[number];
export type Schema = Readonly<Record<string, unknown>>;
export type Answers = Operation['responses'];

export const text = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  description,
  ...more,
});

export const query = (name: string, description: string, required = false) => ({
  name,
  in: 'query' as const,
  required,
  description,
  schema: { type: 'string' as const },
});

export const json = (
  description: string,
  properties: Readonly<Record<string, Schema>> = {},
): Answers[string] => ({
  description,
  content: { 'application/json': { schema: { type: 'object', properties } } },
});

export const errorProperties = {
  error: text('Code of the specification, for example invalid_grant.'),
  error_description: text('What is wrong, in words.'),
};
export const failure = (description: string): Answers[string] => json(description, errorProperties);

export const form = (properties: Readonly<Record<string, Schema>>, required: readonly string[]) => ({
  required: true,
  content: {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', required: [...required], properties },
    },
  },
});

export const clientAuthentication = {
  client_id: text('Of a client that doesn’t authenticate by HTTP Basic.'),
  client_secret: text('With client_secret_post.'),
  client_assertion_type: text('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  client_assertion: text(
    'With private_key_jwt: RS256 to RS512, PS256 to PS512, ES256 or ES384; good for five minutes at most, used once.',
  ),
};

/** By HTTP Basic, or as the form says. */
export const clientSecurity = [{ basic: [] }, {}];

export const tag = (
  name: string,
  summary: string,
  specification: string,
  rest: Omit<Operation, 'summary'>,
): Operation => ({
  tags: [name],
  summary,
  externalDocs: { url: specification },
  ...rest,
});
export const rfc = (number: number): string => `https://www.rfc-editor.org/rfc/rfc${number}`;
