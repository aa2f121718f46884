import fc from 'fast-check';

export const patientFilters = [
  ...[
    'gender eq female',
    'gender ne male',
    'name co "kim"',
    'name gt m',
    'birthdate ge 1951 and active eq true',
  ],
  ...[
    'link.gender eq male',
    'general-practitioner[family sw X].family ew u',
    'organization.name eq "Clinic"',
  ],
  ...[
    'not (link.name co "kim")',
    '_id eq b or _id eq dora',
    'organization.name pr false',
    'link re Patient/b',
  ],
];
export const observationFilters = [
  ...['code eq loinc|718-7', 'subject.name co "family"', 'patient[gender eq male].birthdate ge 1951'],
  ...['not (subject.family eq "Familyb")', 'subject re Patient/b or performer re Patient/a', 'date po 2020'],
  ...['derived-from.patient.gender eq male', 'encounter[status eq finished].participant.family co "oun"'],
  ...['category ne laboratory and value-quantity gt 12', 'encounter.participant pr true', 'status ne final'],
];
/** Two filters joined, as a parameter. */
export const filtered = (filters: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...filters), fc.constantFrom('and', 'or'), fc.constantFrom(...filters))
    .map(([one, word, other]) => `_filter=${encodeURIComponent(`${one} ${word} (${other})`)}`);
