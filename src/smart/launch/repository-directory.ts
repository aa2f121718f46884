import { Inject, Injectable, Optional } from '@nestjs/common';
import { ACCESS_POLICY, type AccessPolicy, type Principal } from '../../contract/index.js';
import { EndpointRegistry, type FhirEndpoint } from '../../endpoints/index.js';
import { FhirResources, type JsonObject, type ResourceCaller } from '../../fhir/index.js';
import type {
  Choices,
  EncounterDetails,
  LaunchDirectory,
  LaunchUser,
  PatientChoice,
  PatientCriteria,
  PatientDetails,
} from '../../oauth2/index.js';
import { UsersService } from '../../users/index.js';
import { encounterDetails, patientDetails } from './choice-details.js';

/** On one page. */
const pageLength = 10;
const mostWords = 5;

/** Patients and encounters of this server's repositories, as the user may see them by their roles alone. */
@Injectable()
export class RepositoryDirectory implements LaunchDirectory {
  constructor(
    private readonly users: UsersService,
    private readonly endpoints: EndpointRegistry,
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    @Optional() private readonly resources?: FhirResources,
  ) {}

  async choiceOf(user: LaunchUser): Promise<PatientChoice> {
    const principal = await this.principalOf(user, this.endpointOf(user));
    const { roles, fhirUser } = principal;
    const others = { ...principal, roles: roles.filter((role) => role !== 'patient') };
    if (roles.includes('patient') && !this.maySearch(others)) {
      const own = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(fhirUser ?? '')?.[1];
      return own === undefined ? { kind: 'denied' } : { kind: 'own', patient: own };
    }
    if (this.resources === undefined || this.endpointOf(user) === undefined) return { kind: 'elsewhere' };
    return { kind: this.maySearch(principal) ? 'search' : 'denied' };
  }

  private maySearch(principal: Principal): boolean {
    const decision = this.policy.decide({ principal, interaction: 'search-type', resourceType: 'Patient' });
    return decision.kind === 'permit' && decision.constraints.length > 0;
  }

  async findPatients(
    user: LaunchUser,
    criteria: PatientCriteria,
    page?: string,
  ): Promise<Choices<PatientDetails>> {
    const parameters = patientParameters(criteria);
    if (parameters.length > 0) parameters.push(['_sort', 'family,given']);
    const found = await this.search(user, 'Patient', parameters, page);
    return { items: found.items.map(patientDetails), next: found.next };
  }

  async patient(user: LaunchUser, id: string): Promise<PatientDetails | undefined> {
    const { items } = await this.search(user, 'Patient', [['_id', escaped(id)]]);
    return items.map(patientDetails).find((patient) => patient.id === id);
  }

  async findEncounters(user: LaunchUser, patient: string, page?: string): Promise<Choices<EncounterDetails>> {
    const parameters: Parameter[] = [
      ['patient', escaped(patient)],
      ['_sort', '-date'],
    ];
    const found = await this.search(user, 'Encounter', parameters, page);
    return { items: found.items.map(encounterDetails), next: found.next };
  }

  async encounter(user: LaunchUser, patient: string, id: string): Promise<EncounterDetails | undefined> {
    const parameters: Parameter[] = [
      ['patient', escaped(patient)],
      ['_id', escaped(id)],
    ];
    const { items } = await this.search(user, 'Encounter', parameters);
    return items.map(encounterDetails).find((encounter) => encounter.id === id);
  }

  private async search(
    user: LaunchUser,
    type: string,
    parameters: readonly Parameter[],
    page?: string,
  ): Promise<Choices<JsonObject>> {
    const endpoint = this.endpointOf(user);
    if (this.resources === undefined || endpoint === undefined) return { items: [], next: undefined };
    const caller: ResourceCaller = { endpoint, principal: await this.principalOf(user, endpoint) };
    const all: readonly Parameter[] = [
      ...parameters,
      ['_count', String(pageLength)],
      ...(page === undefined ? [] : [['_page', page] as const]),
    ];
    const criteria = all.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    const { resources, nextPage } = await this.resources.search(caller, type, criteria);
    return { items: resources, next: nextPage };
  }

  private endpointOf({ audience }: LaunchUser): FhirEndpoint | undefined {
    return this.endpoints.all().find((found) => found.base === audience && this.endpoints.isServed(found));
  }

  /** The user without a token: what the roles allow. */
  private async principalOf(
    { username, clientId }: LaunchUser,
    endpoint: FhirEndpoint | undefined,
  ): Promise<Principal> {
    const user = await this.users.findByUsername(username);
    const enabled = user?.enabled === true;
    const fhirUser = enabled ? user.fhirUser : null;
    const prefix = endpoint === undefined ? undefined : `${endpoint.base}/`;
    return {
      subject: username,
      kind: 'user',
      clientId,
      issuer: null,
      roles: enabled ? user.roles : [],
      scopes: null,
      fhirUser:
        prefix !== undefined && fhirUser?.startsWith(prefix) === true
          ? fhirUser.slice(prefix.length)
          : fhirUser,
      patient: null,
    };
  }
}

type Parameter = readonly [name: string, value: string];

function patientParameters({ name = '', birthDate = '', identifier = '' }: PatientCriteria): Parameter[] {
  const words = name.split(/\s+/).filter((word) => word !== '');
  return [
    ...words.slice(0, mostWords).map((word): Parameter => ['name', escaped(word)]),
    ...(birthDate === '' ? [] : [['birthdate', birthDate] as const]),
    ...(identifier === '' ? [] : [['identifier', token(identifier)] as const]),
  ];
}

/** `system|value` where it begins like an absolute URI, else a value. */
function token(text: string): string {
  const [, system, value] = /^([A-Za-z][A-Za-z0-9+.-]*:[^|]*)\|(.+)$/.exec(text) ?? [];
  return system === undefined || value === undefined ? escaped(text) : `${escaped(system)}|${escaped(value)}`;
}

/** FHIR R4 search.html#escaping */
function escaped(text: string): string {
  return text.replaceAll(/[\\,|$]/g, '\\$&');
}
