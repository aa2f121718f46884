export { PolledTable } from './polled-table.js';
export { RecurringWork } from './recurring-work.js';
export { removeInBatches } from './batches.js';
export { ExpiryPurge } from './expiry-purge.js';
export { RecurringJobs } from './recurring-jobs.js';
export { RecurringJobsModule } from './recurring-jobs.module.js';
export type { JobRound, RecurringJob } from './leased-job.js';
