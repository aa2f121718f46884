import { FirekeepError } from '../../../platform/errors/index.js';
import { loadDefinitions } from '../../definitions/index.js';
import {
  dataPlan,
  elementsPlan,
  summaryPlan,
  textPlan,
  type ElementName,
  type SubsetPlan,
} from './subset-plan.js';

/** What a client asks to be left out of resources. */
export type SubsetChoice =
  | { readonly kind: 'summary' | 'text' | 'data' }
  | { readonly kind: 'elements'; readonly elements: readonly ElementName[] };

/** A validated request for a part of resources; it keeps the plan of each type that it is used with. */
export class SubsetRequest {
  private readonly plans = new Map<string, SubsetPlan | undefined>();

  constructor(readonly choice: SubsetChoice) {}

  /** What stays of resources of a type; undefined: no such type. */
  plan(type: string): SubsetPlan | undefined {
    const known = this.plans.get(type);
    if (known !== undefined || !loadDefinitions().isResourceType(type)) return known;
    const plan = this.build(type);
    this.plans.set(type, plan);
    return plan;
  }

  private build(type: string): SubsetPlan {
    const { choice } = this;
    switch (choice.kind) {
      case 'summary':
        return summaryPlan(type);
      case 'text':
        return textPlan(type);
      case 'data':
        return dataPlan;
      case 'elements':
        return elementsPlan(
          type,
          choice.elements.filter((element) => element.type === undefined || element.type === type),
        );
    }
  }
}

const summaries: Readonly<Partial<Record<string, SubsetRequest | null>>> = {
  true: new SubsetRequest({ kind: 'summary' }),
  text: new SubsetRequest({ kind: 'text' }),
  data: new SubsetRequest({ kind: 'data' }),
  count: null,
  false: null,
};

const maximumElements = 200;
const elementName = /^(?:([A-Z][A-Za-z]{0,63})\.)?([a-z][A-Za-z0-9]{0,63})(?:\[x\])?$/;

/**
 * Reads `_summary` and `_elements` from decoded parameters; others are passed over.
 * Source: FHIR R4 search.html#summary and search.html#elements.
 *
 * @param types the resource types of the request, against which `_elements` is checked; empty: any
 * @returns undefined where resources are returned whole, or none at all (`_summary=count`)
 * @throws FirekeepError 400 `FHIR_SUBSET_INVALID`, `FHIR_SUBSET_UNKNOWN_ELEMENT`, `FHIR_SUBSET_CONFLICT`
 */
export function parseSubset(
  parameters: Iterable<readonly [name: string, value: string]>,
  types: readonly string[] = [],
): SubsetRequest | undefined {
  let summary: string | undefined;
  let elements: string | undefined;
  for (const [name, value] of parameters) {
    if (name !== '_summary' && name !== '_elements') continue;
    if ((name === '_summary' ? summary : elements) !== undefined) {
      throw invalid('FHIR_SUBSET_INVALID', `"${name}" stands twice. Send it once.`, name);
    }
    if (name === '_summary') summary = value;
    else elements = value;
  }
  const ofSummary = summary === undefined ? null : readSummary(summary);
  if (elements === undefined) return ofSummary ?? undefined;
  if (summary !== undefined && summary !== 'false') {
    const message = `"_elements" and "_summary=${summary}" ask for different parts. Send one of them.`;
    throw invalid('FHIR_SUBSET_CONFLICT', message, '_elements');
  }
  return new SubsetRequest({ kind: 'elements', elements: readElements(elements, types) });
}

function readSummary(value: string): SubsetRequest | null {
  const request = Object.hasOwn(summaries, value) ? summaries[value] : undefined;
  if (request !== undefined) return request;
  throw invalid('FHIR_SUBSET_INVALID', '"_summary" is true, text, data, count or false.', '_summary');
}

function readElements(value: string, types: readonly string[]): readonly ElementName[] {
  const names = value.split(',', maximumElements + 1);
  if (names.length > maximumElements) {
    throw invalid('FHIR_SUBSET_INVALID', `"_elements" takes ${maximumElements} names.`, '_elements');
  }
  return names.map((text) => readElement(text.trim(), types));
}

function readElement(text: string, types: readonly string[]): ElementName {
  const match = elementName.exec(text);
  if (match === null) {
    const message = `"_elements" takes base element names such as name,birthDate; "${text.slice(0, 64)}" is none.`;
    throw invalid('FHIR_SUBSET_INVALID', message, '_elements');
  }
  const [, type, name = ''] = match;
  const searched = type === undefined ? types : [type];
  if (searched.length > 0 && !searched.some((owner) => hasElement(owner, name))) {
    const message = `${searched.slice(0, 5).join(', ')} has no element "${name}".`;
    throw invalid('FHIR_SUBSET_UNKNOWN_ELEMENT', message, '_elements');
  }
  return { type, name };
}

function hasElement(type: string, name: string): boolean {
  const definitions = loadDefinitions();
  if (!definitions.isResourceType(type)) return false;
  const definition = definitions.type(type);
  return definition?.elements.has(name) === true || definition?.properties.has(name) === true;
}

function invalid(code: string, message: string, expression: string): FirekeepError {
  return new FirekeepError('invalid', code, message, { issues: [{ message, expression }] });
}
