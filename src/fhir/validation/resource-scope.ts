import { asObject, type JsonObject } from './json-object.js';

/**
 * A resource and what its parts need to know of it. The scope of a contained resource leads to its container.
 * Source: FHIR R4 references.html#contained.
 */
export class ResourceScope {
  /** Contained resources that refer to this one with `#`. */
  private referring: Set<unknown> | undefined;
  /** References within the resource, its contained resources included: `#id`. */
  private fragments: Set<string> | undefined;
  private types: Map<string, string> | undefined;
  private values: Map<object, readonly unknown[]> | undefined;

  constructor(
    readonly resource: JsonObject,
    readonly type: string,
    readonly container: ResourceScope | undefined,
  ) {}

  /** The resource that holds the contained ones: this one, or the one around it. */
  get outermost(): ResourceScope {
    return this.container ?? this;
  }

  /** What the invariants of this resource found and keep for each other. */
  get memo(): Map<object, readonly unknown[]> {
    return (this.values ??= new Map());
  }

  /** Keeps a reference that begins with `#`. */
  noteFragment(reference: string): void {
    const { outermost } = this;
    if (reference === '#') (outermost.referring ??= new Set()).add(this.resource);
    (outermost.fragments ??= new Set()).add(reference);
  }

  isReferredTo(id: string): boolean {
    return this.fragments?.has(`#${id}`) === true;
  }

  /** Whether a contained resource refers to this one. */
  isReferredToBy(contained: unknown): boolean {
    return this.referring?.has(contained) === true;
  }

  /** Type of what a reference that begins with `#` points to; undefined: nothing has this id. */
  typeOfFragment(reference: string): string | undefined {
    const { outermost } = this;
    if (reference === '#') return outermost.type;
    outermost.types ??= containedTypes(outermost.resource);
    return outermost.types.get(reference.slice(1));
  }
}

function containedTypes(resource: JsonObject): Map<string, string> {
  const types = new Map<string, string>();
  if (!Array.isArray(resource.contained)) return types;
  for (const item of resource.contained) {
    const contained = asObject(item);
    const { id, resourceType } = contained ?? {};
    if (typeof id === 'string' && typeof resourceType === 'string') types.set(id, resourceType);
  }
  return types;
}
