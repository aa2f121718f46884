import type { FhirEndpoint } from '../../endpoints/index.js';
import { desiredMetadata, driftOf, unsupportedMembers } from './desired-metadata.js';

const endpoint = (path: string, oauthClientName: string | null): FhirEndpoint => ({
  path,
  base: `https://fhir.example.org${path}`,
  repository: 'default',
  checkMode: 'bearer',
  oauthClientName,
  accessTokenLifetime: null,
  enabled: true,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
});
const configuration = { applicationName: 'App', clientName: 'App' };

describe('what a resource server registers', () => {
  it('names the bases of the endpoints that name it', () => {
    const endpoints = [endpoint('/b', 'App'), endpoint('/a', 'App'), endpoint('/c', 'Other')];
    expect(desiredMetadata(configuration, endpoints).resource).toEqual([
      'https://fhir.example.org/a',
      'https://fhir.example.org/b',
    ]);
  });

  it('names all bases where no endpoint names it', () => {
    expect(
      desiredMetadata(configuration, [endpoint('/a', null), endpoint('/b', 'Other')]).resource,
    ).toHaveLength(2);
  });

  it('asks for no grant and no redirect', () => {
    expect(desiredMetadata(configuration, [])).toMatchObject({
      grant_types: [],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
    });
  });
});

describe('drift', () => {
  it('is not there where an empty list was left out, or the order is another one', () => {
    expect(driftOf({ grant_types: [], resource: ['a', 'b'] }, { resource: ['b', 'a'] }, [])).toEqual([]);
  });

  it('names what the server has instead, or that it has nothing', () => {
    expect(driftOf({ client_name: 'a', resource: ['x'] }, { client_name: 'b' }, [])).toEqual([
      { member: 'client_name', ours: 'a', theirs: 'b' },
      { member: 'resource', ours: ['x'] },
    ]);
  });

  it('leaves out what the server never kept', () => {
    const sent = { resource: ['x'], grant_types: [], client_name: 'a' };
    const unsupported = unsupportedMembers(sent, { client_name: 'a' });
    expect(unsupported).toEqual(['resource']);
    expect(driftOf(sent, { client_name: 'a' }, unsupported)).toEqual([]);
  });
});
