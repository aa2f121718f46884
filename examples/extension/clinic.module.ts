import { Module, type OnModuleInit } from '@nestjs/common';
import { FhirExtensionModule, FhirHooks, FhirOperations, SearchParameters } from 'firekeep';
import { contactName } from './contact-name.parameter.js';
import { GrowthSummaryOperation } from './growth-summary.operation.js';
import { OnCallBoard } from './on-call.board.js';
import { OnCallPages } from './on-call.pages.js';
import { performerRule } from './performer.rule.js';

/** Everything that a clinic adds to the repository: a rule, an operation, a search parameter and pages. */
@Module({
  imports: [FhirExtensionModule],
  controllers: [OnCallPages],
  providers: [GrowthSummaryOperation, OnCallBoard],
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
