import { unknownRoute } from './unknown-route.js';

describe('an address without a route', () => {
  it.each([
    ['POST', '/@fhir/Patient/1', 'GET, PUT, PATCH, DELETE, HEAD'],
    ['BREW', '/@fhir/Patient?name=x', 'POST, GET, HEAD, PUT, PATCH, DELETE'],
    ['PUT', '/@fhir', 'GET, HEAD, POST'],
    ['DELETE', '/@fhir/', 'GET, HEAD, POST'],
    ['GET', '/@fhir/_search', 'POST'],
    ['GET', '/@fhir/Patient/_search', 'POST'],
    ['POST', '/@fhir/metadata', 'GET, HEAD'],
    ['DELETE', '/@fhir/Patient/1/_history', 'GET, HEAD'],
    ['PUT', '/@fhir/Patient/1/Observation', 'GET, HEAD'],
    ['POST', '/@fhir/_history', 'GET, HEAD'],
  ])('%s %s is answered with 405 and %s', (_method, url, allow) => {
    const error = unknownRoute(url);
    expect(error.code).toBe('FHIR_METHOD_NOT_ALLOWED');
    expect(error.headers.allow?.split(', ').sort()).toEqual(allow.split(', ').sort());
  });

  it.each([
    ['GET', '/@fhir/_other'],
    ['GET', '/@fhir/Patient/1/observation'],
    ['POST', '/@fhir/$convert'],
    ['GET', '/@fhir/Patient/1/$everything'],
    ['GET', '/@fhir/Patient/1/_history/1/2'],
    ['POST', '/@fhir/Patient/1/2/3'],
  ])('%s %s is answered with 404', (_method, url) => {
    expect(unknownRoute(url).code).toBe('FHIR_UNKNOWN_ADDRESS');
  });
});
