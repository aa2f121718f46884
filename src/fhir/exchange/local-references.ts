import { Inject, Injectable } from '@nestjs/common';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { type Definitions, FHIR_DEFINITIONS, loadDefinitions } from '../definitions/index.js';
import { findLinks, LinkUrls } from '../format/links.js';
import type { JsonObject } from '../format/parsed-resource.js';
import type { ResourceText } from '../format/resource-text.js';
import { otherReferenceValues, parseReference } from '../search/extraction/index.js';
import type { ParameterValues } from '../search/index-values.js';
import type { LocalReference } from '../storage/ports.js';

/** Resources that are parcels: what is in them refers to what else is in them. */
const parcels: ReadonlySet<string> = new Set(['Bundle', 'Parameters']);

const noUrls = new LinkUrls([]);

interface HeldReference extends LocalReference {
  /** As it stands in the resource. */
  readonly text: string;
}

/**
 * The references of a resource to other resources of its repository, where the repository keeps their
 * integrity. Source: FHIR R4 references.html, http.html#integrity.
 */
@Injectable()
export class LocalReferences {
  constructor(
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly endpoints: EndpointRegistry,
    private readonly settings: Settings,
  ) {}

  /** @param place FHIRPath of the resource, where it is part of a Bundle. Undefined: integrity is not kept. */
  of(
    text: ResourceText,
    object: JsonObject,
    repository: string,
    place: string,
  ): readonly LocalReference[] | undefined {
    if (!this.settings.get('referentialIntegrity')) return undefined;
    return this.find(text, repository, (reference) => pathOf(object, reference, place || text.type));
  }

  /** Index values of the references that no search parameter holds; none where integrity is not kept. */
  indexed(
    text: ResourceText,
    repository: string,
    values: readonly ParameterValues[],
  ): readonly ParameterValues[] {
    if (!this.settings.get('referentialIntegrity')) return values;
    const references = this.find(text, repository, () => text.type);
    // Who refers to a resource is looked up by the parameters of FHIR R4: these and no others hold references.
    const others = otherReferenceValues(text.type, references, values, loadDefinitions());
    return others === undefined ? values : [...values, others];
  }

  private find(
    { text, type }: ResourceText,
    repository: string,
    locate: (reference: string) => string,
  ): readonly HeldReference[] {
    if (parcels.has(type)) return [];
    const bases = this.endpoints.bases(repository);
    const found = new Map<string, HeldReference>();
    for (const { kind, value } of findLinks(text, type, this.definitions, noUrls)) {
      if (kind !== 'reference') continue;
      const target = parseReference(value, this.definitions, { bases });
      if (target?.targetType == null || target.targetId === null) continue;
      const identity = { type: target.targetType, id: target.targetId };
      const key = `${identity.type}/${identity.id}`;
      if (!found.has(key)) found.set(key, { ...identity, text: value, place: () => locate(value) });
    }
    return [...found.values()];
  }
}

/** FHIRPath of the first Reference with this text. */
function pathOf(value: unknown, reference: string, path: string): string {
  return search(value, reference, path) ?? path;
}

function search(value: unknown, reference: string, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('reference' in value && value.reference === reference) return path;
  for (const [key, member] of Object.entries(value)) {
    const found = search(member, reference, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
