import { Injectable } from '@nestjs/common';
import {
  ExtensibleDefinitions,
  type SearchCoverage,
  type SearchParameter,
  type SearchParameterType,
} from '../definitions/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { requireCompilable } from '../search/extraction/index.js';

/** A search parameter of an extension. Source: FHIR R4 searchparameter.html. */
export interface SearchParameterRegistration {
  /** The name in a search, `nhs-number`; none that FHIR R4 has for one of the types. */
  readonly code: string;
  /** Canonical URL of the SearchParameter; the CapabilityStatement names it. */
  readonly url: string;
  /** Resource types that have it. */
  readonly base: readonly string[];
  readonly type: Exclude<SearchParameterType, 'composite' | 'special'>;
  /** In the FHIRPath that the parameters of R4 are written in: `Patient.extension.where(url = '…').value as string`. */
  readonly expression: string;
  /** For references: the types that they may point to; absent: any. */
  readonly targets?: readonly string[];
  /**
   * What a search by it is answered with while resources are stored that came before the parameter and have no
   * values in the index: `refuse` (the default) with 400; `warn` with what has been indexed and a warning in the
   * Bundle, unless the client asked for strict handling.
   */
  readonly whenIncomplete?: 'refuse' | 'warn';
}

const types: readonly string[] = ['token', 'string', 'date', 'number', 'quantity', 'reference', 'uri'];

/** The search parameters that extensions add: indexed with every write, searchable, in the CapabilityStatement. */
@Injectable()
export class SearchParameters {
  constructor(private readonly extensible: ExtensibleDefinitions) {}

  /**
   * Adds a search parameter. Call it in the constructor or `onModuleInit` of a module: it is refused once the
   * application has started.
   *
   * @throws FirekeepError `EXTENSION_SEARCH_PARAMETER_INVALID`
   *
   * @example
   * parameters.register({
   *   code: 'insurance-number', url: 'https://clinic.example.org/SearchParameter/insurance-number',
   *   base: ['Patient'], type: 'token', expression: "Patient.identifier.where(system = 'urn:insurance')",
   * });
   */
  register(registration: SearchParameterRegistration): void {
    const { code, url, base, type, expression, targets, whenIncomplete = 'refuse' } = registration;
    const { definitions } = this.extensible;
    const refuse = (reason: string, cause?: unknown): never => {
      throw new FirekeepError(
        'internal',
        'EXTENSION_SEARCH_PARAMETER_INVALID',
        `The search parameter "${code}" can't be registered: ${reason}.`,
        { cause },
      );
    };
    if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(code))
      refuse('a code is a letter, then letters, digits and "-"');
    if (!URL.canParse(url)) refuse('its url is not absolute');
    if (definitions.searchParameterByUrl(url) !== undefined) refuse('there is one with this url');
    if (!types.includes(type)) refuse(`its type must be one of ${types.join(', ')}`);
    if (base.length === 0 || new Set(base).size < base.length) refuse('base must name types, each once');
    for (const name of [...base, ...(targets ?? [])]) {
      if (!definitions.isResourceType(name)) refuse(`"${name}" is not a resource type of FHIR R4`);
    }
    const parameter: SearchParameter = {
      code,
      url,
      base,
      type,
      expression,
      targets: type === 'reference' ? (targets ?? definitions.resourceTypes) : [],
      components: [],
      multipleOr: true,
      usage: 'normal',
    };
    for (const name of base) {
      if (definitions.searchParameter(name, code) !== undefined)
        refuse(`${name} has a parameter of this name`);
      try {
        requireCompilable(parameter, definitions, name);
      } catch (cause) {
        refuse(`${(cause as Error).message} (for ${name})`, cause);
      }
    }
    for (const name of base) {
      // Until the store has said otherwise there may be anything.
      const coverage: SearchCoverage = { state: 'stale', whenIncomplete };
      this.extensible.add(name, { ...parameter, coverage });
    }
  }
}
