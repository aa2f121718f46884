export { AttemptCounts, type AttemptLimit } from './attempt-counts.js';
export { AttemptPurgeJob } from './attempt-purge.job.js';
