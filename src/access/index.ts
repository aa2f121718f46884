export { AccessModule } from './access.module.js';
export { CompositeGuard } from './guards/composite.guard.js';
export { FhirCors } from './cors/fhir-cors.js';
export { Admissions } from './decisions/admissions.js';
export { GateSimulation, type SimulatedCaller, type SimulatedCheck } from './decisions/gate-simulation.js';
export { RefusalsService } from './decisions/refusals.service.js';
export type { Refusal, RefusalFacts, RefusedToken, TrailEntry } from './decisions/refusal.js';
export { keepNothingOfUrlTokens } from './guards/url-token.hook.js';
