export { AuditRetentionJob } from './retention/audit-retention.job.js';
export { AuditModule } from './audit.module.js';
