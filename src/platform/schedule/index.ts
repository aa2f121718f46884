export { PolledTable } from './polled-table.js';
export { RecurringWork } from './recurring-work.js';
export { removeInBatches } from './batches.js';
export { ExpiryPurge } from './expiry-purge.js';
