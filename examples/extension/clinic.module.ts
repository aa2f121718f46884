import { Module, type OnModuleInit } from '@nestjs/common';
import { FhirExtensionModule, FhirHooks, FhirOperations, SearchParameters } from 'firekeep';
import { contactName } from './contact-name.parameter.js';
import { GrowthSummaryOperation } from './growth-summary.operation.js';
import { performerRule } from './performer.rule.js';

/** Everything that a clinic adds to the repository: a rule, an operation and a search parameter. */
@Module({
  imports: [FhirExtensionModule],
  providers: [GrowthSummaryOperation],
})
export class ClinicModule implements OnModuleInit {
  constructor(
    private readonly hooks: FhirHooks,
    private readonly operations: FhirOperations,
    private readonly parameters: SearchParameters,
    private readonly growthSummary: GrowthSummaryOperation,
  ) {}

  onModuleInit(): void {
    this.hooks.register(performerRule);
    this.operations.add(this.growthSummary);
    this.parameters.register(contactName);
  }
}
