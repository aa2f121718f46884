import { QueryFailedError } from 'typeorm';
import { toFirekeepError } from './to-firekeep-error.js';

const driver = (code: string): Error => Object.assign(new Error('secret detail of the driver'), { code });

describe('what escapes to the edge of the program', () => {
  it.each(['ECONNREFUSED', 'PROTOCOL_CONNECTION_LOST', 'ER_LOCK_DEADLOCK'])(
    'is 503 with Retry-After for a repository that met %s',
    (code) => {
      const error = toFirekeepError(new QueryFailedError('SELECT 1', [], driver(code)));
      expect(error).toMatchObject({ category: 'unavailable', code: 'DATABASE_UNAVAILABLE', retryAfter: 2 });
      expect(error.message).not.toContain('secret detail');
    },
  );

  it.each(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_BUSY'])('is 503 for %s', (code) => {
    expect(toFirekeepError(driver(code))).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('is 500 for a statement that is wrong, and for a connection that is not the database', () => {
    expect(toFirekeepError(new QueryFailedError('SELEC', [], driver('ER_PARSE_ERROR'))).status).toBe(500);
    expect(toFirekeepError(driver('SQLITE_ERROR')).status).toBe(500);
    expect(toFirekeepError(driver('ECONNREFUSED')).status).toBe(500);
  });
});
