import { spanOf, spanPasses, spansOf } from './dates.js';
import { amountPasses, amountsOf } from './decimals.js';
import { componentsOf, elementsOf, type Element } from './elements.js';
import { isFields } from './json.js';
import { publishedParameter, publishedParameterAt, type PublishedParameter } from './published.js';
import { filterCondition } from './filters.js';
import { filterTree } from './filter-text.js';
import { relatives } from './hierarchies.js';
import { isNear } from './positions.js';
import { hasMeasure, quantityPasses } from './quantities.js';
import { prefixed, splitAt, unescape } from './query-text.js';
import { logicalIdentifier, pointerOf, pointerPasses, pointersOf, targetsOf } from './references.js';
import { textPasses, textsOf, uriPasses, urisOf } from './texts.js';
import { Terminologies } from './terminologies.js';
import { tokenPasses, tokensOf } from './tokens.js';
import type { World, WorldResource } from './world.js';

export type Condition = (resource: WorldResource) => boolean;
export type ElementTest = (element: Element) => boolean;

/** A parameter that a type does not have, or a value that it does not take. */
export class NotSearchable extends Error {}

/** What single search parameters say about resources of a world. Source: FHIR R4 search.html. */
export class Conditions {
  constructor(
    readonly world: World,
    /** What is not visible leads nowhere, and nothing refers from there. */
    private readonly isVisible: Condition = () => true,
  ) {}

  private readonly terminologies = new Terminologies(this.visible);

  /** The resources of the world that may be seen. */
  get visible(): readonly WorldResource[] {
    return this.world.resources.filter(this.isVisible);
  }

  /** The condition of `name=value`, both percent-decoded, for resources of the type. */
  of(type: string, name: string, value: string): Condition {
    if (name === '_filter') return filterCondition(this, type, filterTree(value));
    if (name.startsWith('_has:')) return this.referredBy(name, value);
    const dot = name.indexOf('.');
    if (dot >= 0) return this.chained(type, name.slice(0, dot), name.slice(dot + 1), value);
    const colon = name.indexOf(':');
    const [code, modifier] = colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
    const alternatives = splitAt(value, ',');
    if (code === '_id') return ({ id }) => alternatives.includes(id);
    if (code === '_list') return this.listed(alternatives);
    if (code === '_lastUpdated') return (resource) => alternatives.some((text) => isUpdated(resource, text));
    const parameter = publishedParameter(type, code);
    if (parameter === undefined) throw new NotSearchable(`${type} has no parameter ${code}.`);
    if (modifier === 'missing') {
      return (resource) => String(!this.isPresent(resource, parameter)) === value;
    }
    const negated = modifier === 'not' || modifier === 'not-in';
    const tests = alternatives.map((text) => this.test(parameter, modifier, text));
    const some: Condition = (resource) =>
      elementsOf(resource, parameter).some((element) => tests.some((test) => test(element)));
    return negated ? (resource) => !some(resource) : some;
  }

  /** What the entries of one of these lists refer to. Source: FHIR R4 search.html#list. */
  private listed(ids: readonly string[]): Condition {
    const items = this.visible
      .filter(({ type, id }) => type === 'List' && ids.includes(id))
      .flatMap((list) => this.targets(list, 'item'));
    return (resource) => items.includes(resource);
  }

  /** Resources that a reference parameter leads to. */
  targets(resource: WorldResource, code: string): WorldResource[] {
    const parameter = publishedParameter(resource.type, code);
    if (parameter?.type !== 'reference') return [];
    return targetsOf(this.world, elementsOf(resource, parameter)).filter(this.isVisible);
  }

  private chained(type: string, link: string, rest: string, value: string): Condition {
    const [code = '', only] = link.split(':');
    const parameter = publishedParameter(type, code);
    const conditions = new Map<string, Condition | undefined>();
    const conditionFor = (target: string): Condition | undefined => {
      if (!conditions.has(target)) conditions.set(target, this.ifKnown(target, rest, value));
      return conditions.get(target);
    };
    return (resource) =>
      this.targets(resource, code).some(
        (target) =>
          parameter?.targets.includes(target.type) === true &&
          (only === undefined || only === target.type) &&
          conditionFor(target.type)?.(target) === true,
      );
  }

  /** Undefined where a type has no such parameter, or one that takes other values. */
  private ifKnown(type: string, name: string, value: string): Condition | undefined {
    try {
      return this.of(type, name, value);
    } catch (error) {
      if (error instanceof NotSearchable) return undefined;
      throw error;
    }
  }

  private referredBy(name: string, value: string): Condition {
    const [, type = '', code = '', ...others] = name.split(':');
    const condition = this.of(type, others.join(':'), value);
    const found = new Set(
      this.world.resources
        .filter((resource) => resource.type === type && this.isVisible(resource) && condition(resource))
        .flatMap((resource) => this.targets(resource, code)),
    );
    return (resource) => found.has(resource);
  }

  private isPresent(resource: WorldResource, parameter: PublishedParameter): boolean {
    return elementsOf(resource, parameter).some((element) => hasValue(parameter, element));
  }

  test(parameter: PublishedParameter, modifier: string | undefined, text: string): ElementTest {
    if (parameter.type === 'composite') return compositeTest(parameter, text, this.world.bases);
    if (parameter.code === 'near') return (element) => isNear(element, text);
    if (modifier === 'in' || modifier === 'not-in') {
      return (element) => tokensOf(element).some((token) => this.terminologies.holds(unescape(text), token));
    }
    if (modifier === 'above' || modifier === 'below') {
      if (parameter.type === 'token') return this.conceptTest(modifier, text);
      const part = parameter.type === 'reference' ? this.partTest(modifier, text) : undefined;
      if (part !== undefined) return part;
    }
    if (modifier === 'identifier') return identifierTest(text);
    if (modifier === 'of-type') return ofTypeTest(text);
    if (modifier === 'text') {
      return (element) =>
        tokensOf(element).some(({ texts }) =>
          texts.some((own) => textPasses(own, undefined, unescape(text))),
        );
    }
    return simpleTest(parameter.type, modifier, text, this.world.bases);
  }

  /** `system|code`: concepts above or below, itself among them. Source: FHIR R4 search.html#token. */
  private conceptTest(relation: 'above' | 'below', text: string): ElementTest {
    const [system = '', code = ''] = splitAt(text, '|').map(unescape);
    const passes = (other: string): boolean =>
      relation === 'below'
        ? this.terminologies.subsumes(system, code, other)
        : this.terminologies.subsumes(system, other, code);
    return (element) =>
      tokensOf(element).some(
        (token) => token.system === system && token.code !== undefined && passes(token.code),
      );
  }

  /** Resources that are part of another, or that it is part of; undefined for canonicals. */
  private partTest(relation: 'above' | 'below', text: string): ElementTest | undefined {
    const { bases } = this.world;
    const { type, id } = pointerOf(unescape(text), bases) ?? {};
    if (type === undefined || id === undefined) return undefined;
    const found = relatives({ ...this.world, resources: this.visible }, type, id, relation);
    return (element) =>
      pointersOf(element, bases).some((pointer) => pointer.type === type && found.has(pointer.id ?? ''));
  }
}

function isUpdated({ lastUpdated }: WorldResource, text: string): boolean {
  const { prefix, rest } = prefixed(text);
  const span = spanOf(rest);
  return span !== undefined && spanPasses(prefix, span, { first: lastUpdated, last: lastUpdated });
}

/** Whether an element of a parameter says something that could be searched. */
export function hasValue({ type, components }: PublishedParameter, element: Element): boolean {
  switch (type) {
    case 'token':
      return tokensOf(element).some(({ system, code, texts }) => system ?? code ?? texts[0]);
    case 'string':
      return textsOf(element).length > 0;
    case 'date':
      return spansOf(element).length > 0;
    case 'number':
      return amountsOf(element).length > 0;
    case 'quantity':
      return hasMeasure(element);
    case 'reference':
      return isFields(element.value) ? Object.keys(element.value).length > 0 : element.value !== '';
    case 'composite':
      return components.every((component) => {
        const parameter = publishedParameterAt(component.definition);
        const parts = componentsOf(element, component.expression);
        return parameter !== undefined && parts.some((part) => hasValue(parameter, part));
      });
    default:
      return true;
  }
}

/** @param modifier what the type of the parameter has for its own values */
export function simpleTest(
  type: string,
  modifier: string | undefined,
  text: string,
  bases: readonly string[],
): ElementTest {
  const plain = unescape(text);
  const { prefix, rest } = prefixed(text);
  switch (type) {
    case 'string':
      return (element) => textsOf(element).some((own) => textPasses(own, modifier, plain));
    case 'token': {
      const parts = splitAt(text, '|').map(unescape);
      return (element) => tokensOf(element).some((token) => tokenPasses(token, parts));
    }
    case 'date': {
      const span = spanOf(rest);
      if (span === undefined) throw new NotSearchable(`no date: ${text}`);
      return (element) => spansOf(element).some((own) => spanPasses(prefix, span, own));
    }
    case 'number':
      return (element) => amountsOf(element).some((amount) => amountPasses(prefix, rest, amount));
    case 'quantity':
      return (element) => quantityPasses(element, text);
    case 'reference':
      return (element) =>
        pointersOf(element, bases).some((pointer) => pointerPasses(pointer, plain, bases, modifier));
    case 'uri':
      return (element) => urisOf(element).some((uri) => uriPasses(uri, modifier, plain));
    default:
      throw new Error(`no values of ${type}`);
  }
}

/** Every component holds, of one and the same element. Source: FHIR R4 search.html#composite. */
function compositeTest(
  { components }: PublishedParameter,
  text: string,
  bases: readonly string[],
): ElementTest {
  const texts = splitAt(text, '$');
  const tests = components.map(({ definition, expression }, n) => {
    const type = publishedParameterAt(definition)?.type ?? '';
    return { expression, test: simpleTest(type, undefined, texts[n] ?? '', bases) };
  });
  return (element) => tests.every(({ expression, test }) => componentsOf(element, expression).some(test));
}

/** `subject:identifier=system|value`. Source: FHIR R4 search.html#reference. */
function identifierTest(text: string): ElementTest {
  const parts = splitAt(text, '|').map(unescape);
  return (element) => {
    const identifier = logicalIdentifier(element);
    if (identifier === undefined) return false;
    return tokenPasses({ ...identifier, texts: [], ignoresCase: false, types: [] }, parts);
  };
}

/** `identifier:of-type=system|code|value`. Source: FHIR R4 search.html#token. */
function ofTypeTest(text: string): ElementTest {
  const [system, code, value] = splitAt(text, '|').map(unescape);
  return (element) =>
    tokensOf(element).some(
      (token) =>
        token.code === value && token.types.some((type) => type.system === system && type.code === code),
    );
}
