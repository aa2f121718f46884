import { allOf, compose, join, sql } from './fragment.js';

describe('compose', () => {
  test('puts pieces into the holes, and their values in order', () => {
    const piece = compose('(# OR #)', sql('a = ?', 1), sql('b = ?', 2));
    expect(piece).toEqual({ sql: '(a = ? OR b = ?)', values: [1, 2] });
    expect(compose('NOT #', piece)).toEqual({ sql: 'NOT (a = ? OR b = ?)', values: [1, 2] });
    expect(compose('1 = 1')).toEqual({ sql: '1 = 1', values: [] });
  });

  test('takes values of placeholders at the end', () => {
    expect(compose('SELECT # LIMIT ?', sql('a = ?', 1), sql('', 21))).toEqual({
      sql: 'SELECT a = ? LIMIT ?',
      values: [1, 21],
    });
  });

  test('looks for no holes in what is put in', () => {
    expect(compose('# AND #', sql('a <> #'), sql('b')).sql).toBe('a <> # AND b');
  });

  test('refuses a hole too many, which would be a comment, and a piece too many', () => {
    expect(() => compose('# AND #', sql('a'))).toThrow('As many pieces as holes');
    expect(() => compose('a AND #')).toThrow('As many pieces as holes');
    expect(() => compose('#', sql('a'), sql('b'))).toThrow('As many pieces as holes');
  });
});

test('join sets separators between pieces alone', () => {
  expect(join([], ', ')).toEqual({ sql: '', values: [] });
  expect(join([sql('a', 1)], ', ')).toEqual({ sql: 'a', values: [1] });
  expect(allOf([sql('a = ?', 1), sql(''), sql('b = ?', 'x')])).toEqual({
    sql: 'a = ? AND  AND b = ?',
    values: [1, 'x'],
  });
});
