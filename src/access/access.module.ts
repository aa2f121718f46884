import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ClientsModule } from '../clients/index.js';
import { EndpointsModule } from '../endpoints/index.js';
import { ProofsModule } from '../platform/proofs/index.js';
import { TrustModule } from '../trust/index.js';
import { UsersModule } from '../users/index.js';
import { FhirCors } from './cors/fhir-cors.js';
import { DENIED_REQUESTS, ENTRY_GATE } from '../contract/index.js';
import { Admissions } from './gate/admissions.js';
import { ExtensionEntryGate } from './gate/entry-gate.js';
import { GateRefusals } from './gate/gate-refusals.js';
import { GateSimulation } from './gate/gate-simulation.js';
import { PolicyDenials } from './gate/policy-denials.js';
import { RefusalStore } from './refusals/refusal-store.js';
import { RefusalsService } from './refusals/refusals.service.js';
import { BasicStrategy } from './credentials/basic.strategy.js';
import { BearerStrategy } from './credentials/bearer.strategy.js';
import { CheckTable, checkClasses } from './checks/check-table.js';
import { CompositeGuard } from './gate/composite.guard.js';
import { RouteRules } from './gate/route-rules.js';
import { GateChecksModule } from './extension-checks/gate-checks.module.js';
import { InsertedChecks } from './checks/inserted-checks.js';

/** The gate: checks, their table, the guard that runs them and the memory of refusals. */
@Module({})
export class AccessModule {
  /** @param policy the module that provides ACCESS_POLICY */
  static with(policy: Type): DynamicModule {
    return {
      module: AccessModule,
      imports: [
        ProofsModule,
        GateChecksModule,
        DiscoveryModule,
        UsersModule,
        ClientsModule,
        EndpointsModule,
        TrustModule,
        policy,
      ],
      providers: [
        ...checkClasses,
        BasicStrategy,
        BearerStrategy,
        CheckTable,
        InsertedChecks,
        CompositeGuard,
        FhirCors,
        RefusalStore,
        RefusalsService,
        Admissions,
        GateSimulation,
        GateRefusals,
        ExtensionEntryGate,
        PolicyDenials,
        { provide: ENTRY_GATE, useExisting: ExtensionEntryGate },
        { provide: DENIED_REQUESTS, useExisting: PolicyDenials },
        RouteRules,
      ],
      exports: [
        CompositeGuard,
        FhirCors,
        Admissions,
        GateSimulation,
        RefusalsService,
        DENIED_REQUESTS,
        ENTRY_GATE,
      ],
    };
  }
}
