/** Names that stand for code systems in filters. Source: FHIR R4 search_filter.html#ops. */
const systems: Readonly<Record<string, string>> = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ucum: 'http://unitsofmeasure.org',
};

const places = { token: /^()([a-z]+)(?=\|)/, quantity: /^([^|]*\|)([a-z]+)(?=\|)/ } as const;

/** `loinc|1234-5` with the address of the system; likewise `5.4|ucum|mg`. */
export function withNamedSystem(type: keyof typeof places, value: string): string {
  return value.replace(places[type], (text, before: string, name: string) =>
    Object.hasOwn(systems, name) ? `${before}${systems[name] ?? ''}` : text,
  );
}
