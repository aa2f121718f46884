import { type DynamicModule, Module, type ModuleMetadata, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EndpointsModule } from '../endpoints/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import { Database } from '../platform/database/index.js';
import { ErrorRenderers } from '../platform/http/index.js';
import { AccessGrants } from './passage/access/access-grants.js';
import { AccessReview } from './review/access-review.js';
import { AccessStage } from './passage/access/access.stage.js';
import { Passage } from './passage/passage.js';
import { LookupStage } from './passage/lookups/lookup.stage.js';
import { ReceiptStage } from './passage/receipts/receipt.stage.js';
import { CriteriaReader } from './passage/access/criteria-reader.js';
import { CapabilitiesInteraction } from './capability/capabilities.interaction.js';
import { OperationDefinitions } from './capability/operation-definitions.js';
import { FhirExtensionModule } from './fhir-extension.module.js';
import { PAGE_TOKENS, PageTokens } from './search/page-token.js';
import { HookCalls } from './passage/hooks/hook-calls.js';
import { HookStage } from './passage/hooks/hook.stage.js';
import { FhirJournalModule } from './passage/journal/fhir-journal.module.js';
import { JournalStage } from './passage/journal/journal.stage.js';
import { RequestScopes } from './http/request-scopes.js';
import { Authorization } from './dispatch/authorization.js';
import { FhirAnswers } from './http/fhir-answers.js';
import { FhirController } from './http/fhir.controller.js';
import { EntryAdmission } from './bundles/entry-admission.js';
import { BatchInteraction } from './bundles/batch.interaction.js';
import { BundleInteraction } from './bundles/bundle.interaction.js';
import { CompartmentSearchInteraction } from './interactions/compartment-search.interaction.js';
import { ConditionalCriteria } from './passage/lookups/conditional-criteria.js';
import { ConditionalDeleteInteraction } from './interactions/conditional-delete.interaction.js';
import { ConditionalUpdateInteraction } from './interactions/conditional-update.interaction.js';
import { CreateInteraction } from './interactions/create.interaction.js';
import { DeleteInteraction } from './interactions/delete.interaction.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { InstanceHistoryInteraction } from './interactions/instance-history.interaction.js';
import { InteractionAccess } from './passage/access/interaction-access.js';
import { PatchReader } from './interactions/patch/patch-reader.js';
import { PatchInteraction } from './interactions/patch.interaction.js';
import { LocalReferences } from './exchange/local-references.js';
import { ReadInteraction } from './interactions/read.interaction.js';
import { RepositoryHistoryInteraction } from './interactions/repository-history.interaction.js';
import { ResourceIntake } from './exchange/resource-intake.js';
import { ResourceValidation } from './exchange/resource-validation.js';
import { SearchSystemInteraction } from './interactions/search-system.interaction.js';
import { SearchTypeInteraction } from './interactions/search-type.interaction.js';
import { TransactionPreparation } from './bundles/transaction-preparation.js';
import { TransactionInteraction } from './bundles/transaction.interaction.js';
import { UpdateInteraction } from './interactions/update.interaction.js';
import { VersionReadInteraction } from './interactions/vread.interaction.js';
import type { FhirOperation } from './operations/fhir-operation.js';
import { FhirOperations } from './operations/fhir-operations.js';
import { RecordAnswer } from './operations/everything/record-answer.js';
import { MetaChange } from './operations/meta/meta-change.js';
import { OperationWriter } from './operations/operation-writer.js';
import { OperationCaller } from './operations/operation-caller.js';
import { ProfileCatalogue } from './operations/validate/profile-catalogue.js';
import { operations } from './operations/operations.js';
import { outcomeRenderer } from './http/outcome.renderer.js';
import { ReindexBatch } from './reindex/reindex-batch.js';
import { ReindexRunner } from './reindex/reindex-runner.js';
import { SearchParameterActivation } from './search-parameters/search-parameter-activation.js';
import { SearchLookups } from './terminology/search-lookups.js';
import { Terminologies } from './terminology/terminologies.js';
import { STORED_BODY_READER, type StoredBodyReader } from './storage/check/stored-body.js';
import { FhirStorageModule, StoreCheck } from './storage/index.js';

/** Interactions and what they share. */
const interactions = [
  CriteriaReader,
  AccessGrants,
  AccessStage,
  LookupStage,
  ReceiptStage,
  InteractionAccess,
  ResourceValidation,
  LocalReferences,
  ResourceIntake,
  JournalStage,
  HookCalls,
  HookStage,
  Passage,
  SearchLookups,
  Terminologies,
  ConditionalCriteria,
  ReadInteraction,
  VersionReadInteraction,
  CreateInteraction,
  UpdateInteraction,
  ConditionalUpdateInteraction,
  PatchReader,
  PatchInteraction,
  DeleteInteraction,
  ConditionalDeleteInteraction,
  InstanceHistoryInteraction,
  SearchTypeInteraction,
  SearchSystemInteraction,
  CompartmentSearchInteraction,
  RepositoryHistoryInteraction,
  Authorization,
  Dispatcher,
  FhirAnswers,
  EntryAdmission,
  BatchInteraction,
  TransactionPreparation,
  TransactionInteraction,
  BundleInteraction,
  CapabilitiesInteraction,
  OperationDefinitions,
  RequestScopes,
  SearchParameterActivation,
  ReindexBatch,
  ReindexRunner,
  AccessReview,
  OperationCaller,
  OperationWriter,
  MetaChange,
  RecordAnswer,
  ProfileCatalogue,
  ...operations,
];

/** The FHIR R4 repository: its routes under every endpoint, its interactions and its store. */
@Module({})
export class FhirModule implements OnModuleInit {
  constructor(
    private readonly renderers: ErrorRenderers,
    private readonly operations: FhirOperations,
    private readonly modules: ModuleRef,
  ) {}

  /** @param policy modules that export ACCESS_POLICY, DENIED_REQUESTS and ENTRY_GATE; the repository knows none of them */
  static of(policy: ModuleMetadata['imports']): DynamicModule {
    return {
      module: FhirModule,
      imports: [
        EndpointsModule,
        FhirStorageModule,
        FhirExtensionModule,
        FhirJournalModule,
        ...(policy ?? []),
      ],
      controllers: [FhirController],
      providers: [
        {
          provide: PAGE_TOKENS,
          inject: [SecretBox],
          useFactory: (secrets: SecretBox) => new PageTokens(secrets.derive('search-pages')),
        },
        ...interactions,
        {
          provide: StoreCheck,
          inject: [Database, STORED_BODY_READER],
          useFactory: (database: Database, bodies: StoredBodyReader) => new StoreCheck(database, bodies),
        },
      ],
      exports: [FhirStorageModule, FhirExtensionModule, FhirJournalModule, StoreCheck, ...interactions],
    };
  }

  onModuleInit(): void {
    this.renderers.add(outcomeRenderer);
    for (const operation of operations) this.operations.add(this.modules.get<FhirOperation>(operation));
  }
}
