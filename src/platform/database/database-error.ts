import { FirekeepError } from '../errors/index.js';

interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  /** Set by mysql2 where the connection can't be used any more. */
  readonly fatal?: boolean;
  readonly driverError?: DriverError;
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_CLOSED',
  'ER_SERVER_SHUTDOWN',
  'ER_SESSION_WAS_KILLED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
]);
const deadlock = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT']);
const duplicate = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE']);

function driverCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, driverError } = error as DriverError;
  return driverError?.code ?? code;
}

/** The database can't be reached or is going down: the caller answers 503. */
export function isUnreachable(error: unknown): boolean {
  const code = driverCode(error);
  return (code !== undefined && (unreachable.has(code) || isDiskTrouble(code))) || isLost(error);
}

/** SQLite's disk is full, or fails: nothing was written, and it works again once there is room. */
function isDiskTrouble(code: string): boolean {
  return code === 'SQLITE_FULL' || code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_IOERR');
}

/**
 * Whether what escaped to the edge of the program is a driver's word that the database is away or that the
 * statement lost against others. Codes such as ECONNREFUSED alone don't tell: other connections have them too.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const fromDriver = 'driverError' in error || (driverCode(error)?.startsWith('SQLITE_') ?? false);
  return (fromDriver && (isUnreachable(error) || isRetryable(error))) || isLost(error);
}

/** MariaDB's "Connection was killed", for which mysql2 has no name. */
const MARIADB_KILLED = 1927;

function isLost(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const outer: DriverError = error;
  const { fatal, errno } = outer.driverError ?? outer;
  return fatal === true || errno === MARIADB_KILLED;
}

/** The transaction lost against another one and may be run again from the start. */
export function isRetryable(error: unknown): boolean {
  const code = driverCode(error);
  return code !== undefined && deadlock.has(code);
}

/** A unique key has the value already. */
export function isDuplicateKey(error: unknown): boolean {
  const code = driverCode(error);
  return code !== undefined && duplicate.has(code);
}

/** A number became larger than its type: what statements do on purpose where an assumption of theirs doesn't hold. */
export function isOutOfRange(error: unknown): boolean {
  return driverCode(error) === 'ER_DATA_OUT_OF_RANGE';
}

/** What a failed connection or a database in trouble means for the caller: try again soon. */
export function unavailable(cause: unknown): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'DATABASE_UNAVAILABLE',
    'The database is not available. Try again soon.',
    {
      retryAfter: 2,
      cause,
    },
  );
}
