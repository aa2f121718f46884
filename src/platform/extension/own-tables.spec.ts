import { requireOwnChange, requireOwnTable, requireSelect } from './own-tables.js';

const clinic = { name: 'clinic' };

describe('tables of an extension', () => {
  it.each(['x_clinic_visit', 'x_clinic_a1'])('begin with its prefix: %s', (table) => {
    expect(() => requireOwnTable(clinic, table)).not.toThrow();
  });

  it.each(['visit', 'x_clinic_', 'x_clinics_visit', 'x_lab_visit', 'refusal', 'X_CLINIC_VISIT'])(
    '%s is none of them',
    (table) => {
      expect(() => requireOwnTable(clinic, table)).toThrow(
        expect.objectContaining({ code: 'EXTENSION_TABLE_FOREIGN' }),
      );
    },
  );

  it.each(['x_clinic_`', 'x_clinic_a b', 'x_clinic_Visit', `x_clinic_${'a'.repeat(40)}`])(
    '%s is no name',
    (table) => {
      expect(() => requireOwnTable(clinic, table)).toThrow(
        expect.objectContaining({ code: 'EXTENSION_TABLE_INVALID' }),
      );
    },
  );
});

describe('changes by an extension', () => {
  it.each([
    'INSERT INTO x_clinic_visit (a) VALUES (?)',
    'insert ignore into `x_clinic_visit` (a) VALUES (?)',
    'INSERT OR IGNORE INTO x_clinic_visit (a) VALUES (?)',
    "REPLACE INTO x_clinic_visit (a) VALUES ('one; two')",
    'UPDATE x_clinic_visit SET a = ?',
    '\n  DELETE FROM x_clinic_visit WHERE a IN (SELECT a FROM x_clinic_other)',
  ])('may be %j', (sql) => expect(() => requireOwnChange(clinic, sql)).not.toThrow());

  it.each([
    'DELETE FROM user',
    'UPDATE user SET enabled = 1',
    'INSERT INTO resource (id) VALUES (?)',
    'DELETE FROM x_lab_visit',
  ])('are not %j', (sql) => {
    expect(() => requireOwnChange(clinic, sql)).toThrow(
      expect.objectContaining({ code: 'EXTENSION_TABLE_FOREIGN' }),
    );
  });

  it.each([
    'DROP TABLE x_clinic_visit',
    'SELECT 1',
    'UPDATE x_clinic_visit, user SET user.enabled = 1',
    'UPDATE x_clinic_visit JOIN user SET user.enabled = 1',
    'DELETE user FROM user JOIN x_clinic_visit',
    'DELETE FROM x_clinic_visit; DELETE FROM user',
    'DELETE FROM x_clinic_visit -- all',
    'DELETE /* x */ FROM x_clinic_visit',
    'WITH a AS (SELECT 1) DELETE FROM user',
  ])('are not %j either', (sql) => {
    expect(() => requireOwnChange(clinic, sql)).toThrow(
      expect.objectContaining({ code: 'EXTENSION_TABLE_INVALID' }),
    );
  });
});

describe('queries by an extension', () => {
  it.each(['SELECT a FROM x_clinic_visit', ' with b as (select 1) select * from b', "SELECT 'a;b'"])(
    'may be %j',
    (sql) => expect(() => requireSelect(clinic, sql)).not.toThrow(),
  );

  it.each([
    'DELETE FROM x_clinic_visit',
    'SELECT 1; DELETE FROM user',
    'WITH b AS (SELECT 1) DELETE FROM user',
  ])('are not %j', (sql) =>
    expect(() => requireSelect(clinic, sql)).toThrow(
      expect.objectContaining({ code: 'EXTENSION_TABLE_INVALID' }),
    ),
  );
});
