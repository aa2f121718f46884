import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication, type Extensions } from './application/index.js';
import { loadSettings } from './platform/config/index.js';
import { Logger } from './platform/logging/index.js';
import { prepare, runServer } from './process/index.js';

/*
 * The API for extensions. What stands here changes by semantic versioning; everything else may change at any time.
 * docs/extending.md explains it, examples/extension uses it.
 */

export type { NestFastifyApplication };

/** What an extended server is made of. */
export interface FirekeepOptions {
  /** Nest modules of the extension, as in `imports`. */
  readonly modules: Extensions;
}

/**
 * Starts the server with the settings of the environment, as `npm start` does, and with the modules of an extension:
 * workers, first administrator, shutdown on signals. Ends the process with 1 where the start fails.
 *
 * @example await startFirekeep({ modules: [ClinicModule] });
 */
export function startFirekeep({ modules }: FirekeepOptions): Promise<void> {
  return runServer(modules);
}

/**
 * Builds the application without listening, for tests and for programs that embed it: migrates the database, creates
 * the first administrator, applies the bootstrap file. `close()` ends it.
 *
 * @param environment settings by their names; absent: those of the process
 * @throws FirekeepError `CONFIG_…`, `DATABASE_…`, `EXTENSION_…`
 */
export async function createFirekeep(
  { modules }: FirekeepOptions,
  environment?: Readonly<Record<string, string>>,
): Promise<NestFastifyApplication> {
  const settings = loadSettings(environment);
  const app = await createApplication(settings, Logger.of(settings), modules);
  try {
    await prepare(app);
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

export {
  FirekeepEvents,
  FirekeepExtensionModule,
  type FirekeepEventName,
  type FirekeepEventTypes,
} from './extension/index.js';
export {
  defineExtension,
  ExtensionDatabase,
  ExtensionSettings,
  FirekeepExtension,
  type ColumnDeclaration,
  type ExtensionDefinition,
  type ExtensionMigration,
  type ExtensionSetting,
  type ExtensionSettingDeclarations,
  type ExtensionSettingValues,
  type ExtensionTables,
  type SettingsOf,
  type TableChanges,
  type TableDeclaration,
  type TableSession,
  type WriteOptions,
} from './platform/extension/index.js';
export { RecurringJobs, type JobRound, type RecurringJob } from './platform/schedule/index.js';
export type { SqlRow, SqlValue } from './platform/database/index.js';
export { ClaimSources, type ClaimRequest, type Claims, type ClaimSource } from './oauth2/index.js';
export { GateChecks, type GateCheck, type GateRefusal, type GateRequest } from './access/index.js';
export { endpointOf, type FhirEndpoint } from './endpoints/index.js';
export { principalOf, type Interaction, type Principal } from './contract/index.js';
export {
  FirekeepError,
  type ErrorCategory,
  type ErrorIssue,
  type ErrorOptions,
} from './platform/errors/index.js';
export { ForAdministrators, PublicRoute, SignedIn } from './platform/http/index.js';
export {
  formToken,
  html,
  page,
  seeOther,
  visitorOf,
  type Html,
  type PageContent,
  type PageReply,
  type PageRequest,
  type Visitor,
} from './oauth2/index.js';
export { Logger } from './platform/logging/index.js';
export {
  UserSources,
  UserSourcesModule,
  type RoleSource,
  type SourceBounds,
  type SourceUser,
  type UserSource,
} from './users/index.js';
export {
  FhirExtensionModule,
  FhirHooks,
  FhirOperations,
  FhirResources,
  Interacts,
  PerEntry,
  Public,
  resourceAnswer,
  SearchParameters,
} from './fhir/index.js';
export type {
  AsyncHookContext,
  CommittedWrite,
  FhirOperation,
  FoundResources,
  HookContext,
  HookSet,
  IncomingDeletion,
  IncomingWrite,
  InteractionContext,
  InteractionResult,
  JsonObject,
  DoneWrite,
  OperationCall,
  OperationDecision,
  OperationLevel,
  OperationParameter,
  OperationParameters,
  OperationState,
  OperationTargetResource,
  OperationUnit,
  OperationWrite,
  PendingWrite,
  ReadRequest,
  ReadResult,
  Replacement,
  ResourceCaller,
  SearchParameterRegistration,
  SearchRequest,
  SearchResult,
} from './fhir/index.js';
