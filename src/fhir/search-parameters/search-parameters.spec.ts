import { ExtensibleDefinitions, loadDefinitions } from '../definitions/index.js';
import { extract } from '../search/extraction/index.js';
import { SearchParameters, type SearchParameterRegistration } from './search-parameters.js';

const contactName: SearchParameterRegistration = {
  code: 'contact-name',
  url: 'http://example.org/SearchParameter/contact-name',
  base: ['Patient'],
  type: 'string',
  expression: 'Patient.contact.name.family',
};

describe('search parameters of an extension', () => {
  let extensible: ExtensibleDefinitions;
  let parameters: SearchParameters;

  beforeEach(() => {
    extensible = new ExtensibleDefinitions(loadDefinitions());
    parameters = new SearchParameters(extensible);
  });

  it('are among those of their types, and of no other application', () => {
    parameters.register(contactName);
    const { definitions } = extensible;
    expect(definitions.searchParameter('Patient', 'contact-name')).toMatchObject({ type: 'string' });
    expect(definitions.searchParameter('Patient', 'name')).toBeDefined();
    expect(definitions.searchParameterByUrl(contactName.url)?.code).toBe('contact-name');
    expect(definitions.searchParameter('Person', 'contact-name')).toBeUndefined();
    expect(loadDefinitions().searchParameter('Patient', 'contact-name')).toBeUndefined();
  });

  it('are extracted beside those of FHIR R4', () => {
    parameters.register(contactName);
    const patient = { resourceType: 'Patient', active: true, contact: [{ name: { family: 'García' } }] };
    const codes = (definitions = extensible.definitions) =>
      extract('Patient', patient, { bases: [], definitions }).map(({ code }) => code);
    expect(codes()).toEqual(expect.arrayContaining(['active', 'contact-name']));
    expect(codes(loadDefinitions())).not.toContain('contact-name');
  });

  it('are includes where they are references', () => {
    parameters.register({
      ...contactName,
      code: 'contact-organization',
      type: 'reference',
      expression: 'Patient.contact.organization',
      targets: ['Organization'],
    });
    const codes = extensible.definitions.includes('Patient').map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['organization', 'contact-organization']));
    const inbound = extensible.definitions.revincludes('Organization').map(({ parameter }) => parameter.code);
    expect(inbound).toContain('contact-organization');
    expect(extensible.definitions.revincludes('Device').map(({ parameter }) => parameter.code)).not.toContain(
      'contact-organization',
    );
  });

  it('are not trusted until the store has said otherwise', () => {
    parameters.register(contactName);
    expect(extensible.definitions.searchParameter('Patient', 'contact-name')?.coverage).toEqual({
      state: 'stale',
      whenIncomplete: 'refuse',
    });
  });

  it('can not be registered any more once the application has started', () => {
    extensible.close();
    expect(() => parameters.register(contactName)).toThrow('not later');
  });

  it.each<[string, Partial<SearchParameterRegistration>]>([
    ['a code of FHIR R4', { code: 'name' }],
    ['a code that is none', { code: '_mine' }],
    ['an unknown type', { base: ['Patients'] }],
    ['no type', { base: [] }],
    ['a type twice', { base: ['Patient', 'Patient'] }],
    ['an unknown target', { type: 'reference', expression: 'Patient.contact.organization', targets: ['X'] }],
    ['a url that there is', { url: 'http://hl7.org/fhir/SearchParameter/Patient-active' }],
    ['a url that is none', { url: 'contact-name' }],
    ['a type that needs more', { type: 'composite' as never }],
    ['an expression that is not understood', { expression: "Patient.contact.name.select('x')" }],
    ['an expression that leads nowhere', { expression: 'Patient.contacts' }],
    ['an expression of another type', { type: 'date' }],
  ])('are refused for %s', (_what, change) => {
    const register = () => parameters.register({ ...contactName, ...change });
    expect(register).toThrow(expect.objectContaining({ code: 'EXTENSION_SEARCH_PARAMETER_INVALID' }));
    expect(extensible.added).toEqual([]);
  });

  it('are refused twice', () => {
    parameters.register(contactName);
    expect(() => parameters.register({ ...contactName, url: 'http://example.org/other' })).toThrow(
      'has a parameter of this name',
    );
  });
});
