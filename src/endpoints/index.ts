export { EndpointsModule } from './endpoints.module.js';
export { EndpointRegistry } from './endpoint-registry.js';
export { endpointOf, findEndpointOf } from './endpoint-of.js';
export { EndpointsService } from './endpoints.service.js';
export { EndpointEntity } from './endpoint.entity.js';
export { checkModes, type CheckMode, type EndpointInput, type FhirEndpoint } from './endpoint.js';
