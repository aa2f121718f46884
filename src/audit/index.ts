export { AuditRetentionJob } from './retention.job.js';
export { AuditModule } from './audit.module.js';
