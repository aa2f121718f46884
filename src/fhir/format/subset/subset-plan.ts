import { loadDefinitions, type ElementDefinition, type TypeDefinition } from '../../definitions/index.js';

/** A base element by name, `deceased`, or one type of it, `deceasedBoolean`. */
export interface ElementName {
  /** Only resources of this type are meant (`Patient.name`); undefined: of any. */
  readonly type: string | undefined;
  readonly name: string;
}

/** What becomes of a member that stays. */
export interface MemberRule {
  /** Type by whose summary its value is cut down: a datatype, backbone element or `Resource`; undefined: whole. */
  readonly inside: string | undefined;
  /** It must not go, even where its value would become empty. */
  readonly mandatory: boolean;
}

/** What stays of an object: the rule of a member, undefined where it goes. */
export type SubsetPlan = (member: string) => MemberRule | undefined;

const whole: MemberRule = { inside: undefined, mandatory: true };

/** Elements that change the meaning of those around them. */
const modifiers = new Set(['implicitRules', 'modifierExtension']);
const identity = new Set(['id', 'meta']);

/** Types that lose their meaning in parts. */
const indivisible = new Set(['Extension', 'Narrative', 'Meta']);

/** `_summary=data`. Source: FHIR R4 search.html#summary. */
export const dataPlan: SubsetPlan = (member) => (member === 'text' ? undefined : whole);

/** `_summary=text`: narrative, identity and mandatory top-level elements. */
export function textPlan(type: string): SubsetPlan {
  return plan(type, ({ name, min }) => (name === 'text' || isKept(name, min) ? whole : undefined));
}

/** `_elements`: the elements named, identity and mandatory ones. Source: FHIR R4 search.html#elements. */
export function elementsPlan(type: string, elements: readonly ElementName[]): SubsetPlan {
  const names = new Set(elements.map(({ name }) => name));
  return plan(type, ({ name, min }, property) =>
    names.has(name) || names.has(property) || isKept(name, min) ? whole : undefined,
  );
}

const summaries = new Map<string, SubsetPlan>();

/** `_summary=true`: elements that are part of the summary, at every level, and mandatory ones. */
export function summaryPlan(type: string): SubsetPlan {
  const known = summaries.get(type);
  if (known !== undefined) return known;
  const built = plan(type, (element, _property, code) => {
    const { name, min, summary } = element;
    if (!summary && min === 0 && !modifiers.has(name)) return undefined;
    return { inside: isDivisible(code) ? code : undefined, mandatory: min > 0 };
  });
  summaries.set(type, built);
  return built;
}

function plan(
  type: string,
  ruleOf: (element: ElementDefinition, property: string, code: string) => MemberRule | undefined,
): SubsetPlan {
  const rules = new Map<string, MemberRule>();
  for (const [property, { element, type: valueType }] of definitionOf(type).properties) {
    const rule = ruleOf(element, property, valueType.code);
    if (rule === undefined) continue;
    rules.set(property, rule);
    // Id and extensions of a primitive go with it: in arrays the two are aligned.
    rules.set(`_${property}`, whole);
  }
  rules.set('resourceType', whole);
  return (member) => rules.get(member);
}

/** Whether an element of a resource stays in every subset. */
function isKept(name: string, min: number): boolean {
  return min > 0 || identity.has(name) || modifiers.has(name);
}

/** Whether a summary keeps a part of a type; where none of its elements is marked, the whole counts. */
function isDivisible(code: string): boolean {
  if (indivisible.has(code)) return false;
  const type = definitionOf(code);
  if (type.kind === 'primitive-type') return false;
  if (type.kind === 'resource') return true;
  const inherited = new Set(loadDefinitions().type('BackboneElement')?.elements.keys());
  return [...type.elements.values()].some(({ name, summary }) => summary && !inherited.has(name));
}

function definitionOf(code: string): TypeDefinition {
  const type = loadDefinitions().type(code);
  if (type === undefined) throw new Error(`no definition of the type ${code}`);
  return type;
}
