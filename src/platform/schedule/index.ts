export { PolledTable } from './polled-table.js';
export { RecurringWork } from './recurring-work.js';
export { inSlices, SliceSize } from './slices.js';
export { ExpiryPurge } from './expiry-purge.js';
export { RecurringJobs } from './recurring-jobs.js';
export { RecurringJobsModule } from './recurring-jobs.module.js';
export type { JobRound, RecurringJob } from './leased-job.js';
