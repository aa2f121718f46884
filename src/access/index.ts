export { AccessModule } from './access.module.js';
export { CompositeGuard } from './gate/composite.guard.js';
export { FhirCors } from './cors/fhir-cors.js';
export { Admissions } from './gate/admissions.js';
export { GateSimulation, type SimulatedCaller, type SimulatedCheck } from './gate/gate-simulation.js';
export { RefusalsService } from './refusals/refusals.service.js';
export type { Refusal, RefusalFacts, RefusalToken, TrailEntry } from './refusals/refusal.js';
export { keepNothingOfUrlTokens } from './credentials/url-token.hook.js';
export { GateChecksModule } from './extension-checks/gate-checks.module.js';
export {
  GateChecks,
  type GateCheck,
  type GateRefusal,
  type GateRequest,
} from './extension-checks/gate-checks.js';
