import { Module, type OnModuleInit } from '@nestjs/common';
import {
  ClaimSources,
  FhirHooks,
  FhirOperations,
  FirekeepEvents,
  FirekeepExtension,
  FirekeepExtensionModule,
  GateChecks,
  RecurringJobs,
  SearchParameters,
} from 'firekeep';
import { clinic } from './clinic.extension.js';
import { ClosedAccountsCheck } from './closed-accounts.check.js';
import { contactName } from './contact-name.parameter.js';
import { FinishedVisits } from './finished-visits.hook.js';
import { GrowthSummaryOperation } from './growth-summary.operation.js';
import { HandOverOperation } from './hand-over.operation.js';
import { OnCallBoard } from './on-call.board.js';
import { OnCallPages } from './on-call.pages.js';
import { performerRule } from './performer.rule.js';
import { SignInAlarm } from './sign-in-alarm.js';
import { VisitsCleanup } from './visits-cleanup.job.js';
import { VisitsService } from './visits.service.js';
import { WardClaims } from './ward.claims.js';

/** Everything that a clinic adds to Firekeep; each file shows one thing that an extension can do. */
@FirekeepExtension(clinic)
@Module({
  imports: [FirekeepExtensionModule],
  controllers: [OnCallPages],
  providers: [
    GrowthSummaryOperation,
    HandOverOperation,
    OnCallBoard,
    FinishedVisits,
    VisitsService,
    VisitsCleanup,
    SignInAlarm,
    WardClaims,
    ClosedAccountsCheck,
  ],
})
export class ClinicModule implements OnModuleInit {
  constructor(
    private readonly hooks: FhirHooks,
    private readonly operations: FhirOperations,
    private readonly parameters: SearchParameters,
    private readonly jobs: RecurringJobs,
    private readonly events: FirekeepEvents,
    private readonly claims: ClaimSources,
    private readonly checks: GateChecks,
    private readonly growthSummary: GrowthSummaryOperation,
    private readonly handOver: HandOverOperation,
    private readonly visits: FinishedVisits,
    private readonly cleanup: VisitsCleanup,
    private readonly alarm: SignInAlarm,
    private readonly wards: WardClaims,
    private readonly closedAccounts: ClosedAccountsCheck,
  ) {}

  onModuleInit(): void {
    this.hooks.register(performerRule);
    this.hooks.register(this.visits);
    this.operations.add(this.growthSummary);
    this.operations.add(this.handOver);
    this.parameters.register(contactName);
    this.jobs.add(this.cleanup);
    this.alarm.listen(this.events);
    this.claims.add(this.wards);
    this.checks.add(this.closedAccounts);
  }
}
