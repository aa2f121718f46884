export { Database } from './database.js';
export { openDatabase, closeDatabase } from './open-database.js';
export { DatabaseModule } from './database.module.js';
export { ExpiredRows, type ExpiringTable } from './delete-expired.js';
export { retrying } from './retry.js';
export { rowLock, VersionedRows } from './versioned-rows.js';
export { columns, dialectOf } from './columns.js';
export {
  isDatabaseTrouble,
  isDuplicateKey,
  isOutOfRange,
  isRetryable,
  isUnreachable,
  unavailable,
} from './database-error.js';
export { bytesLiteralLength, mysqlLiteral } from './mysql-literal.js';
export { insertRows, listConditions, type ListCondition, type RowTarget } from './multi-row.js';
export { deadlineCondition, deadlineOfEachRow, isStatementTimeout } from './statement-deadline.js';
export type { Dialect, SqlRow, SqlSession, SqlValue } from './sql-session.js';
