import type { Definitions } from '../../definitions/index.js';
import { asObject, jsonKind, quoted, type JsonObject } from '../json-object.js';
import type { ObjectCheck } from '../object.check.js';
import type { ItemCheck } from '../property.check.js';
import { ResourceScope } from '../resource-scope.js';
import type { Run } from '../run.js';

/** A resource inside another one: contained, or in a Bundle or Parameters. */
export function resourceItem(
  definitions: Definitions,
  checkOf: (type: string) => ObjectCheck,
  isContained: boolean,
): ItemCheck {
  return (value, run) => {
    const resource = asObject(value);
    if (resource === undefined) {
      run.error('structure', `A resource is expected here, not ${jsonKind(value)}.`);
    } else checkResource(resource, run, { definitions, checkOf, isContained });
  };
}

/** Checks a resource by the type that it names. */
export function checkResource(
  resource: JsonObject,
  run: Run,
  options: {
    readonly definitions: Definitions;
    readonly checkOf: (type: string) => ObjectCheck;
    readonly isContained: boolean;
  },
): void {
  const { resourceType } = resource;
  if (typeof resourceType !== 'string' || !options.definitions.isResourceType(resourceType)) {
    wrongType(resourceType, run);
    return;
  }
  const outer = run.scope;
  if (options.isContained && outer?.container !== undefined) {
    run.error('invariant', 'A contained resource holds no contained resources (rule dom-2).');
    return;
  }
  const { errors } = run;
  const scope = new ResourceScope(resource, resourceType, options.isContained ? outer : undefined);
  run.scope = scope;
  options.checkOf(resourceType)(resource, run);
  run.scope = outer;
  if (run.errors !== errors) return;
  if (scope.container !== undefined) requirePlainMeta(resource, run);
  else if (Array.isArray(resource.contained)) requireReferences(resource.contained, scope, run);
}

function wrongType(resourceType: unknown, run: Run): void {
  if (resourceType === undefined) {
    run.errorAt('resourceType', 'required', 'A resource must name its type in "resourceType".');
  } else {
    run.errorAt('resourceType', 'value', `There is no resource type ${quoted(resourceType)} in FHIR R4.`);
  }
}

/** A contained resource has no identity outside. Source: FHIR R4 domainresource.html, rules dom-4 and dom-5. */
function requirePlainMeta(resource: JsonObject, run: Run): void {
  const meta = asObject(resource.meta);
  if (meta === undefined) return;
  if (has(meta, 'versionId') || has(meta, 'lastUpdated')) {
    run.errorAt('meta', 'invariant', 'A contained resource has no versionId and lastUpdated (rule dom-4).');
  }
  if (has(meta, 'security')) {
    run.errorAt('meta', 'invariant', 'A contained resource has no security labels (rule dom-5).');
  }
}

function has(meta: JsonObject, name: string): boolean {
  return meta[name] !== undefined || meta[`_${name}`] !== undefined;
}

/**
 * Each contained resource has an id of its own, and is referred to from somewhere in the resource or refers
 * to it. Source: FHIR R4 domainresource.html, rule dom-3.
 */
function requireReferences(contained: readonly unknown[], scope: ResourceScope, run: Run): void {
  const ids = new Set<string>();
  const slot = run.length;
  run.path[slot] = 'contained';
  run.length = slot + 2;
  for (let index = 0; index < contained.length; index++) {
    run.path[slot + 1] = index;
    const id = asObject(contained[index])?.id;
    if (typeof id === 'string' && ids.has(id)) {
      run.error('duplicate', `Two contained resources have the id ${quoted(id)}.`);
    } else if (!scope.isReferredToBy(contained[index])) {
      if (typeof id !== 'string') {
        run.error('required', 'A contained resource needs an id, by which the resource refers to it.');
      } else if (!scope.isReferredTo(id)) {
        run.error(
          'invariant',
          `Nothing in the resource refers to the contained resource ${quoted(id)}, nor does it refer to the resource with "#" (rule dom-3).`,
        );
      }
    }
    if (typeof id === 'string') ids.add(id);
  }
  run.length = slot;
}
