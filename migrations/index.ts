import { Accounts1764000001000 } from './1764000001000-accounts.js';
import { FhirStore1764000002000 } from './1764000002000-fhir-store.js';
import { Oauth21764000003000 } from './1764000003000-oauth2.js';
import { Trust1764000004000 } from './1764000004000-trust.js';
import { Refusals1764000005000 } from './1764000005000-refusals.js';
import { Receipts1764100001000 } from './1764100001000-receipts.js';
import { SearchCoverage1764100002000 } from './1764100002000-search-coverage.js';
import { Measures1764200001000 } from './1764200001000-measures.js';
import { SearchParameters1764200002000 } from './1764200002000-search-parameters.js';
import { IndexDerivedAgain1764200003000 } from './1764200003000-index-derived-again.js';
import { DpopProofs1764300001000 } from './1764300001000-dpop-proofs.js';
import { DevicePolls1764300001500 } from './1764300001500-device-polls.js';
import { Launches1764300002000 } from './1764300002000-launches.js';
import { Roles1764300003000 } from './1764300003000-roles.js';
import { Approvals1764300005000 } from './1764300005000-approvals.js';
import { AttemptCounts1764300006000 } from './1764300006000-attempt-counts.js';
import { RecurringJobs1764400001000 } from './1764400001000-recurring-jobs.js';
import { ExtensionMigrations1764400001500 } from './1764400001500-extension-migrations.js';
import { UserSources1764400002000 } from './1764400002000-user-sources.js';
import { ClientDecisions1764500003000 } from './1764500003000-client-decisions.js';
import { Participations1764500004000 } from './1764500004000-participations.js';

/** Every schema change, oldest first. Forward only; a name never changes once it has landed. */
export const migrations = [
  Accounts1764000001000,
  FhirStore1764000002000,
  Oauth21764000003000,
  Trust1764000004000,
  Refusals1764000005000,
  Receipts1764100001000,
  SearchCoverage1764100002000,
  Measures1764200001000,
  SearchParameters1764200002000,
  IndexDerivedAgain1764200003000,
  DpopProofs1764300001000,
  DevicePolls1764300001500,
  Launches1764300002000,
  Roles1764300003000,
  Approvals1764300005000,
  AttemptCounts1764300006000,
  RecurringJobs1764400001000,
  ExtensionMigrations1764400001500,
  UserSources1764400002000,
  ClientDecisions1764500003000,
  Participations1764500004000,
] as const;
