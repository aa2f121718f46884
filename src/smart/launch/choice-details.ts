import type { JsonObject } from '../../fhir/index.js';
import type { EncounterDetails, PatientDetails } from '../../oauth2/index.js';

const mostIdentifiers = 3;
const longest = 120;

/** What a person knows a Patient by; a resource may hold anything that FHIR allows, or worse. */
export function patientDetails(patient: JsonObject): PatientDetails {
  return {
    id: text(patient.id) ?? '',
    name: nameOf(patient),
    birthDate: text(patient.birthDate),
    gender: text(patient.gender),
    identifiers: objects(patient.identifier)
      .flatMap(({ value }) => text(value) ?? [])
      .slice(0, mostIdentifiers),
  };
}

/** What a person knows an Encounter by. */
export function encounterDetails(encounter: JsonObject): EncounterDetails {
  const { period } = encounter;
  const [place] = objects(encounter.location).flatMap(({ location }) => text(object(location).display) ?? []);
  return {
    id: text(encounter.id) ?? '',
    title:
      objects(encounter.type).flatMap((type) => conceptText(type) ?? [])[0] ??
      text(object(encounter.class).display) ??
      text(object(encounter.class).code) ??
      'Encounter',
    status: text(encounter.status) ?? '',
    start: text(object(period).start),
    end: text(object(period).end),
    place: place ?? text(object(encounter.serviceProvider).display),
  };
}

/** FHIR R4 datatypes.html#HumanName: the official name before the usual one before any other; old ones last. */
function nameOf({ id, name }: JsonObject): string {
  const rank = ({ use }: JsonObject): number => {
    const at = ['official', 'usual'].indexOf(text(use) ?? '');
    if (at >= 0) return at;
    return use === 'old' || use === 'maiden' ? 3 : 2;
  };
  const [best = {}] = objects(name).toSorted((a, b) => rank(a) - rank(b));
  const given = Array.isArray(best.given) ? best.given.flatMap((part) => text(part) ?? []) : [];
  const parts = [...given, text(best.family) ?? ''].filter((part) => part !== '');
  return text(best.text) ?? (parts.length > 0 ? parts.join(' ').slice(0, longest) : (text(id) ?? ''));
}

function conceptText(concept: JsonObject): string | undefined {
  return text(concept.text) ?? objects(concept.coding).flatMap(({ display }) => text(display) ?? [])[0];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, longest) : undefined;
}

function object(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(object) : [];
}
