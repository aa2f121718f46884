import {
  NotSearchable,
  simpleTest,
  type Condition,
  type Conditions,
  type ElementTest,
} from './conditions.js';
import { spanOf, spansOf } from './dates.js';
import { amountHolds } from './decimals.js';
import { componentsOf, elementsOf } from './elements.js';
import type { FilterTree } from './filter-text.js';
import { fold } from './fold.js';
import { publishedParameter, type PublishedParameter } from './published.js';
import { splitAt, unescape } from './query-text.js';
import { textsOf } from './texts.js';
import { tokenPasses, tokensOf } from './tokens.js';
import type { WorldResource } from './world.js';

type Test = FilterTree & { readonly kind: 'test' };

/** What a filter says of resources of a type. Source: FHIR R4 search_filter.html. */
export function filterCondition(conditions: Conditions, type: string, tree: FilterTree): Condition {
  switch (tree.kind) {
    case 'not': {
      const inner = filterCondition(conditions, type, tree.inner);
      return (resource) => !inner(resource);
    }
    case 'and':
    case 'or': {
      const [left, right] = [tree.left, tree.right].map((one) => filterCondition(conditions, type, one));
      if (left === undefined || right === undefined) throw new Error('two operands');
      return tree.kind === 'and'
        ? (resource) => left(resource) && right(resource)
        : (resource) => left(resource) || right(resource);
    }
    case 'test':
      return tree.links.length === 0 ? ownCondition(conditions, type, tree) : linked(conditions, type, tree);
  }
}

function linked(conditions: Conditions, type: string, tree: Test): Condition {
  const [link, ...links] = tree.links;
  if (link === undefined) throw new Error('no link');
  if (type === 'Group' && link.name === 'characteristic' && link.inner !== undefined) {
    return characteristic(link.inner, tree);
  }
  const parameter = publishedParameter(type, link.name);
  if (parameter?.type !== 'reference') throw new NotSearchable(`${type} refers to nothing by ${link.name}.`);
  const known = new Map<string, Condition | undefined>();
  const holds = (target: WorldResource): boolean => {
    if (!known.has(target.type)) {
      known.set(target.type, behind(conditions, target.type, link.inner, { ...tree, links }));
    }
    return known.get(target.type)?.(target) ?? false;
  };
  return (resource) =>
    conditions
      .targets(resource, link.name)
      .some((target) => parameter.targets.includes(target.type) && holds(target));
}

/** Undefined where a type lacks one of the parameters. */
function behind(
  conditions: Conditions,
  type: string,
  inner: FilterTree | undefined,
  rest: Test,
): Condition | undefined {
  try {
    const further = filterCondition(conditions, type, rest);
    const own = inner === undefined ? undefined : filterCondition(conditions, type, inner);
    return (resource) => (own?.(resource) ?? true) && further(resource);
  } catch (error) {
    if (error instanceof NotSearchable) return undefined;
    throw error;
  }
}

const expressions: Readonly<Record<string, string>> = { code: 'code', value: 'value' };

/** `characteristic[code eq x].value eq y`: of one characteristic. */
function characteristic(inner: FilterTree, last: Test): Condition {
  const whole = publishedParameter('Group', 'characteristic-value');
  if (whole === undefined) throw new Error('no characteristics');
  const part =
    (name: string, value: string): ElementTest =>
    (element) => {
      const parts = splitAt(withNames(value), '|').map(unescape);
      return componentsOf(element, expressions[name] ?? '')
        .flatMap(tokensOf)
        .some((token) => tokenPasses(token, parts));
    };
  const innerTest = (tree: FilterTree): ElementTest => {
    if (tree.kind === 'test') return part(tree.name, tree.value);
    if (tree.kind !== 'or') throw new Error('no such filter of an element');
    const [left, right] = [innerTest(tree.left), innerTest(tree.right)];
    return (element) => left(element) || right(element);
  };
  const [first, second] = [innerTest(inner), part(last.name, last.value)];
  return (resource) => elementsOf(resource, whole).some((element) => first(element) && second(element));
}

const systems: Readonly<Record<string, string>> = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  ucum: 'http://unitsofmeasure.org',
};

const withNames = (value: string): string =>
  value.replace(/(^|\|)(loinc|snomed|ucum)\|/, (_, before: string, name: string) => {
    return `${before}${systems[name] ?? ''}|`;
  });

function ownCondition(conditions: Conditions, type: string, { name, operator, value }: Test): Condition {
  if (name === '_id') return (resource) => (resource.id === value) === (operator === 'eq');
  const parameter = publishedParameter(type, name);
  if (parameter === undefined) throw new NotSearchable(`${type} has no parameter ${name}.`);
  if (operator === 'pr') return conditions.of(type, `${name}:missing`, value === 'true' ? 'false' : 'true');
  if (operator === 'ni' || operator === 'in') {
    return conditions.of(type, `${name}:${operator === 'in' ? 'in' : 'not-in'}`, value);
  }
  if (operator === 'ss' || operator === 'sb') {
    return conditions.of(type, `${name}:${operator === 'ss' ? 'below' : 'above'}`, withNames(value));
  }
  if (name === '_lastUpdated')
    return conditions.of(type, name, `${operator === 'po' ? 'ap' : operator}${value}`);
  const test = elementTest(conditions, parameter, operator, value);
  return (resource) => elementsOf(resource, parameter).some(test);
}

function elementTest(
  conditions: Conditions,
  parameter: PublishedParameter,
  operator: string,
  value: string,
): ElementTest {
  switch (parameter.type) {
    case 'string':
      return (element) => textsOf(element).some((text) => textCompares(fold(text), operator, fold(value)));
    case 'token': {
      const parts = splitAt(withNames(value), '|').map(unescape);
      if (operator === 'eq') return (element) => tokensOf(element).some((one) => tokenPasses(one, parts));
      return (element) =>
        tokensOf(element).some((one) => (one.code ?? one.system) !== undefined && !tokenPasses(one, parts));
    }
    case 'date': {
      const span = spanOf(value);
      if (operator === 'co' && span !== undefined) {
        return (element) =>
          spansOf(element).some(({ first, last }) => first <= span.first && span.last <= last);
      }
      return simpleTest('date', undefined, `${operator === 'po' ? 'ap' : operator}${value}`, []);
    }
    case 'number':
      if (operator === 'co') return (element) => amountHolds(element, value);
      return simpleTest('number', undefined, operator + value, []);
    case 'quantity':
      return simpleTest('quantity', undefined, operator + withNames(value), []);
    case 'composite':
      return conditions.test(parameter, undefined, value);
    case 'uri':
      return (element) => element.value === value || String(element.value).split('|')[0] === value;
    default:
      return simpleTest(parameter.type, undefined, value, conditions.world.bases);
  }
}

function textCompares(own: string, operator: string, wanted: string): boolean {
  const order = Buffer.compare(Buffer.from(own), Buffer.from(wanted));
  switch (operator) {
    case 'eq':
      return own === wanted;
    case 'ne':
      return own !== wanted;
    case 'co':
      return own.includes(wanted);
    case 'sw':
      return own.startsWith(wanted);
    case 'ew':
      return own.endsWith(wanted);
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
    default:
      throw new Error(`no operator: ${operator}`);
  }
}
