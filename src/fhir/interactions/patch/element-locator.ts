import type { Definitions, ElementDefinition } from '../../definitions/index.js';
import {
  equalTrees,
  scalarValue,
  stringOf,
  type JsonNode,
  type JsonObjectNode,
} from '../../format/json-tree.js';
import type { Condition, ElementPath, Literal, PathStep } from './element-path.js';
import { readValues, type ElementValue } from './element-list.js';
import type { PatchBudget } from './patch-document.js';
import { patchFailed } from './patch-errors.js';

/** Where an element of a resource stands in its JSON. */
export interface LocatedElement extends ElementValue {
  /** Undefined: the resource itself. */
  readonly place: ElementPlace | undefined;
  /** `HumanName`, `string`, `Patient.contact`; of a resource its own type. */
  readonly type: string;
}

export interface ElementPlace {
  readonly owner: JsonObjectNode;
  /** The JSON property: `valueQuantity`. */
  readonly property: string;
  readonly definition: ElementDefinition;
  /** Among the repetitions. */
  readonly index: number;
}

/** Finds elements of one resource, of which it knows the types. */
export class ElementLocator {
  constructor(
    private readonly definitions: Definitions,
    private readonly resource: JsonObjectNode,
    private readonly resourceType: string,
    private readonly budget: PatchBudget,
  ) {}

  /** @throws FirekeepError `FHIR_PATCH_FAILED` for a path into another type or to an element that there is not */
  find({ root, steps }: ElementPath): readonly LocatedElement[] {
    if (root !== null && ![this.resourceType, 'Resource', 'DomainResource'].includes(root)) {
      throw patchFailed(`The path begins with ${root}, but the resource is of type ${this.resourceType}.`);
    }
    const start: LocatedElement = {
      place: undefined,
      type: this.resourceType,
      value: this.resource,
      sibling: undefined,
    };
    return this.walk([start], steps);
  }

  /** What an element may hold under a name, as `name` or, of a choice, `nameType`. */
  definitionOf(type: string, name: string): ElementDefinition {
    const definition = this.definitions.type(type);
    const found = definition?.elements.get(name) ?? definition?.properties.get(name)?.element;
    if (found === undefined) throw patchFailed(`${type} has no element "${name.slice(0, 64)}".`);
    return found;
  }

  /** The object that has the elements inside of an element: of a primitive, that with its id and extensions. */
  contentOf({ value, sibling, type }: LocatedElement): JsonObjectNode | undefined {
    const node = this.isPrimitive(type) ? sibling : value;
    return node?.kind === 'object' ? node : undefined;
  }

  isPrimitive(type: string): boolean {
    return this.definitions.type(type)?.kind === 'primitive-type';
  }

  private walk(elements: readonly LocatedElement[], steps: readonly PathStep[]): readonly LocatedElement[] {
    let found = elements;
    for (const step of steps) found = this.step(found, step);
    return found;
  }

  private step(elements: readonly LocatedElement[], step: PathStep): readonly LocatedElement[] {
    this.budget.look(elements.length + 1);
    switch (step.kind) {
      case 'member':
        return elements.flatMap((element) => this.children(element, step.name));
      case 'index':
        return elements.slice(step.index, step.index + 1);
      case 'first':
        return elements.slice(0, 1);
      case 'last':
        return elements.slice(-1);
      case 'single':
        if (elements.length > 1) throw patchFailed('single() in a path finds more than one element.');
        return elements;
      case 'of-type':
        return elements.filter(({ type }) => type === step.type);
      case 'extension':
        return elements.flatMap((element) =>
          this.children(element, 'extension').filter(
            ({ value }) => value?.kind === 'object' && stringOf(value.members.get('url')) === step.url,
          ),
        );
      case 'where':
        return elements.filter((element) => this.holds(element, step.condition));
    }
  }

  private children(element: LocatedElement, name: string): LocatedElement[] {
    const definition = this.definitionOf(element.type, name);
    const owner = this.contentOf(element);
    if (owner === undefined) return [];
    const children: LocatedElement[] = [];
    for (const type of definition.types) {
      const property = propertyOf(definition, type.code);
      const values = readValues(owner, property);
      this.budget.look(values.length);
      for (const [index, { value, sibling }] of values.entries()) {
        const place = { owner, property, definition, index };
        children.push({ place, type: typeOf(value, type.code), value, sibling });
      }
      if (!definition.choice) break;
    }
    return children;
  }

  private holds(element: LocatedElement, condition: Condition): boolean {
    switch (condition.kind) {
      case 'and':
        return this.holds(element, condition.left) && this.holds(element, condition.right);
      case 'or':
        return this.holds(element, condition.left) || this.holds(element, condition.right);
      case 'not':
        return !this.holds(element, condition.operand);
      case 'exists':
        return this.walk([element], condition.steps).length > 0;
      case 'equals': {
        const found = this.walk([element], condition.steps);
        const [only] = found;
        return found.length === 1 && only !== undefined && equalsLiteral(only.value, condition.literal);
      }
    }
  }
}

/** The JSON property of an element with a value of the type. */
export function propertyOf({ choice, name }: ElementDefinition, type: string): string {
  return choice ? name + type.charAt(0).toUpperCase() + type.slice(1) : name;
}

/** `contained` and the like hold a resource, whose own text tells the type. */
function typeOf(value: JsonNode | undefined, declared: string): string {
  if (declared !== 'Resource' || value?.kind !== 'object') return declared;
  return stringOf(value.members.get('resourceType')) ?? declared;
}

function equalsLiteral(value: JsonNode | undefined, literal: Literal): boolean {
  if (value?.kind !== 'scalar') return false;
  if (literal.kind === 'number') return equalTrees(value, { kind: 'scalar', text: literal.lexeme });
  return scalarValue(value) === literal.value;
}
