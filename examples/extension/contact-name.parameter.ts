import type { SearchParameterRegistration } from 'firekeep';

/** `Patient?contact-name=garcia`: patients by the name of a contact person, which FHIR R4 has no parameter for. */
export const contactName: SearchParameterRegistration = {
  code: 'contact-name',
  url: 'https://clinic.example.org/SearchParameter/patient-contact-name',
  base: ['Patient'],
  type: 'string',
  expression: 'Patient.contact.name',
};
