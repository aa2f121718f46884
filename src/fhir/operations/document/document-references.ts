import type { JsonObject } from '../../format/parsed-resource.js';

/** A literal reference of a Composition. */
export interface DocumentReference {
  readonly reference: string;
  /** FHIRPath of the element. */
  readonly place: string;
  /** What the document is not one without: whom it is about. Who wrote it may be out of a patient's reach. */
  readonly isRequired: boolean;
}

/** Sections within sections that are looked at. */
const deepest = 64;

/**
 * What a document brings along, in its order: subject, encounter, author, attesters, custodian, details of events, and
 * author, focus and entries of its sections, however deep they lie. References without a literal lead nowhere and are
 * none.
 *
 * Source: FHIR R4 documents.html#content.
 *
 * @param composition a resource that was valid when it was stored, or was not looked at
 */
export function referencesOf(composition: JsonObject): readonly DocumentReference[] {
  const root = 'Composition';
  return [
    ...literals(composition.subject, `${root}.subject`, true),
    ...literals(composition.encounter, `${root}.encounter`),
    ...literals(composition.author, `${root}.author`),
    ...membersOf(composition.attester, `${root}.attester`).flatMap(([one, place]) =>
      literals(one.party, `${place}.party`),
    ),
    ...literals(composition.custodian, `${root}.custodian`),
    ...membersOf(composition.event, `${root}.event`).flatMap(([one, place]) =>
      literals(one.detail, `${place}.detail`),
    ),
    ...sections(composition.section, `${root}.section`, 0),
  ];
}

function sections(value: unknown, place: string, depth: number): readonly DocumentReference[] {
  if (depth > deepest) return [];
  return membersOf(value, place).flatMap(([section, at]) => [
    ...literals(section.author, `${at}.author`),
    ...literals(section.focus, `${at}.focus`),
    ...literals(section.entry, `${at}.entry`),
    ...sections(section.section, `${at}.section`, depth + 1),
  ]);
}

function literals(value: unknown, place: string, isRequired = false): readonly DocumentReference[] {
  const isList = Array.isArray(value);
  return membersOf(isList ? value : value === undefined ? [] : [value], place).flatMap(([one, at]) =>
    typeof one.reference === 'string'
      ? [{ reference: one.reference, place: isList ? at : place, isRequired }]
      : [],
  );
}

function membersOf(value: unknown, place: string): readonly (readonly [JsonObject, string])[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown, n) =>
    typeof one === 'object' && one !== null ? [[one as JsonObject, `${place}[${n}]`] as const] : [],
  );
}
