import { asObject, type JsonObject } from '../json-object.js';

/** How the values of an element are told apart. Source: FHIR R4 profiling.html#slicing. */
export interface Slicing {
  readonly discriminators: readonly { readonly type: string; readonly path: string }[];
  readonly rules: string;
  readonly ordered: boolean;
}

export interface ProfileType {
  readonly code: string;
  readonly profiles: readonly string[];
  readonly targetProfiles: readonly string[];
}

export interface ProfileConstraint {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly expression: string;
}

/** What a profile asks of one element; what it leaves open is absent. Source: FHIR R4 elementdefinition.html. */
export interface ProfileElement {
  /** `Observation.component:systolic.code`. */
  readonly id: string;
  readonly sliceName?: string;
  readonly min?: number;
  /** Infinity for `*`. */
  readonly max?: number;
  readonly types?: readonly ProfileType[];
  readonly slicing?: Slicing;
  readonly fixed?: unknown;
  readonly pattern?: unknown;
  readonly minValue?: unknown;
  readonly maxValue?: unknown;
  readonly maxLength?: number;
  readonly binding?: { readonly strength: string; readonly valueSet: string };
  readonly constraints: readonly ProfileConstraint[];
  /** Id of the element whose content this one repeats. */
  readonly contentReference?: string;
}

/** A profile, as far as resources are checked against it. */
export interface Profile {
  readonly url: string;
  readonly version: string | undefined;
  /** Resource type or datatype. */
  readonly type: string;
  /** Canonical of the profile that it adds to; undefined where its elements say everything. */
  readonly base: string | undefined;
  /** The root first. */
  readonly elements: readonly ProfileElement[];
}

/** Elements of one profile; the longest published snapshots have some hundreds. */
const maximumElements = 5_000;

/**
 * Reads a StructureDefinition: its snapshot or, without one, its differential, which adds to the base.
 *
 * @returns a sentence where there is nothing that a resource could be checked against
 */
export function readProfile(definition: JsonObject): Profile | string {
  const { url, version, type, baseDefinition, kind } = definition;
  if (typeof url !== 'string' || typeof type !== 'string') return 'it has no url or no type';
  if (kind === 'logical') return 'it describes a logical model';
  const snapshot = elementList(definition.snapshot);
  const listed = snapshot ?? elementList(definition.differential);
  if (listed === undefined) return 'it has neither a snapshot nor a differential';
  if (listed.length > maximumElements) return `it has more than ${maximumElements} elements`;
  return {
    url,
    version: typeof version === 'string' ? version : undefined,
    type,
    base: snapshot === undefined && typeof baseDefinition === 'string' ? baseDefinition : undefined,
    elements: withIds(listed),
  };
}

function elementList(view: unknown): readonly JsonObject[] | undefined {
  const list = asObject(view)?.element;
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return list.map(asObject).filter((element) => element !== undefined);
}

/** Ids are optional: where they are absent, paths and slice names in their order say the same. */
function withIds(list: readonly JsonObject[]): readonly ProfileElement[] {
  const latest = new Map<string, string>();
  return list.map((element) => {
    const path = text(element.path) ?? '';
    const cut = path.lastIndexOf('.');
    const parent = cut === -1 ? undefined : (latest.get(path.slice(0, cut)) ?? path.slice(0, cut));
    const name = path.slice(cut + 1);
    const sliceName = text(element.sliceName);
    const derived =
      (parent === undefined ? '' : `${parent}.`) + name + (sliceName === undefined ? '' : `:${sliceName}`);
    const id = text(element.id) ?? derived;
    latest.set(path, id);
    return elementOf(element, id, sliceName);
  });
}

function elementOf(element: JsonObject, id: string, sliceName: string | undefined): ProfileElement {
  const optional: { -readonly [K in keyof ProfileElement]?: ProfileElement[K] } = {};
  const { min, max, maxLength } = element;
  if (sliceName !== undefined) optional.sliceName = sliceName;
  if (typeof min === 'number') optional.min = min;
  if (typeof max === 'string') optional.max = max === '*' ? Infinity : Number(max);
  if (typeof maxLength === 'number') optional.maxLength = maxLength;
  if (Array.isArray(element.type)) optional.types = element.type.map(typeOf);
  const slicing = asObject(element.slicing);
  if (slicing !== undefined) optional.slicing = slicingOf(slicing);
  const binding = bindingOf(element.binding);
  if (binding !== undefined) optional.binding = binding;
  const reference = text(element.contentReference);
  if (reference !== undefined) optional.contentReference = reference.slice(reference.indexOf('#') + 1);
  for (const member of ['fixed', 'pattern', 'minValue', 'maxValue'] as const) {
    const value = choiceOf(element, member);
    if (value !== undefined) optional[member] = value;
  }
  return { id, ...optional, constraints: constraintsOf(element.constraint) };
}

/** The value of `fixed[x]` and the like. */
function choiceOf(element: JsonObject, name: string): unknown {
  const key = Object.keys(element).find(
    (member) => member.startsWith(name) && /[A-Z]/.test(member.charAt(name.length)),
  );
  return key === undefined ? undefined : element[key];
}

function typeOf(value: unknown): ProfileType {
  const { code, profile, targetProfile } = asObject(value) ?? {};
  return { code: text(code) ?? '', profiles: texts(profile), targetProfiles: texts(targetProfile) };
}

function slicingOf({ discriminator, rules, ordered }: JsonObject): Slicing {
  const list = Array.isArray(discriminator) ? discriminator : [];
  return {
    discriminators: list.map((one) => {
      const { type, path } = asObject(one) ?? {};
      return { type: text(type) ?? '', path: text(path) ?? '' };
    }),
    rules: text(rules) ?? 'open',
    ordered: ordered === true,
  };
}

function bindingOf(value: unknown): ProfileElement['binding'] {
  const { strength, valueSet } = asObject(value) ?? {};
  if (typeof strength !== 'string' || typeof valueSet !== 'string') return undefined;
  return { strength, valueSet };
}

function constraintsOf(value: unknown): readonly ProfileConstraint[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one): ProfileConstraint[] => {
    const { key, severity, human, expression } = asObject(one) ?? {};
    if (typeof key !== 'string' || typeof expression !== 'string') return [];
    return [
      { key, expression, human: text(human) ?? '', severity: severity === 'warning' ? 'warning' : 'error' },
    ];
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
