import fc from 'fast-check';
import { dateRange } from './date-range.js';

const iso = (text: string, zone?: string) => {
  const range = dateRange(text, zone);
  return range && [new Date(range.low).toISOString(), new Date(range.high).toISOString()];
};

describe('dateRange', () => {
  it.each([
    ['2024', '2024-01-01T00:00:00.000Z', '2024-12-31T23:59:59.999Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2023-12', '2023-12-01T00:00:00.000Z', '2023-12-31T23:59:59.999Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2024-02-29T10:30', '2024-02-29T10:30:00.000Z', '2024-02-29T10:30:59.999Z'],
    ['2024-02-29T10:30:15', '2024-02-29T10:30:15.000Z', '2024-02-29T10:30:15.999Z'],
    ['2024-02-29T10:30:15Z', '2024-02-29T10:30:15.000Z', '2024-02-29T10:30:15.999Z'],
    ['2024-02-29T10:30:15.1Z', '2024-02-29T10:30:15.100Z', '2024-02-29T10:30:15.199Z'],
    ['2024-02-29T10:30:15.123Z', '2024-02-29T10:30:15.123Z', '2024-02-29T10:30:15.123Z'],
    ['2024-02-29T10:30:15.123456Z', '2024-02-29T10:30:15.123Z', '2024-02-29T10:30:15.123Z'],
    ['2024-02-29T10:30:15+02:00', '2024-02-29T08:30:15.000Z', '2024-02-29T08:30:15.999Z'],
    ['2024-02-29T10:30:15-09:30', '2024-02-29T20:00:15.000Z', '2024-02-29T20:00:15.999Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z', '2016-12-31T23:59:59.999Z'],
    ['0001', '0001-01-01T00:00:00.000Z', '0001-12-31T23:59:59.999Z'],
    ['0099-05', '0099-05-01T00:00:00.000Z', '0099-05-31T23:59:59.999Z'],
    ['9999', '9999-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  ])('gives %s the range of its precision', (text, low, high) => {
    expect(iso(text)).toEqual([low, high]);
  });

  it.each([
    ['2024-07-01', 'Europe/Berlin', '2024-06-30T22:00:00.000Z', '2024-07-01T21:59:59.999Z'],
    ['2024-07-01', '+05:30', '2024-06-30T18:30:00.000Z', '2024-07-01T18:29:59.999Z'],
    ['2024-07-01T12:00:00', 'America/New_York', '2024-07-01T16:00:00.000Z', '2024-07-01T16:00:00.999Z'],
    ['2024-07-01T12:00:00Z', 'America/New_York', '2024-07-01T12:00:00.000Z', '2024-07-01T12:00:00.999Z'],
    ['1850-01-01', 'Europe/Berlin', '1849-12-31T23:06:32.000Z', '1850-01-01T23:06:31.999Z'],
  ])('takes %s without an offset in the zone %s', (text, zone, low, high) => {
    expect(iso(text, zone)).toEqual([low, high]);
  });

  it('gives the days on which clocks change their real length', () => {
    const hours = (text: string) => {
      const range = dateRange(text, 'Europe/Berlin');
      return range && (range.high - range.low + 1) / 3_600_000;
    };
    expect(hours('2024-03-31')).toBe(23);
    expect(hours('2024-10-27')).toBe(25);
    expect(hours('2024')).toBe(366 * 24);
  });

  it('moves a time that the clocks skip forward, and starts a day without midnight when it starts', () => {
    expect(iso('2024-03-31T02:30', 'Europe/Berlin')?.[0]).toBe('2024-03-31T01:30:00.000Z');
    // Clocks went from 00:00 to 01:00.
    expect(iso('2018-11-04', 'America/Sao_Paulo')?.[0]).toBe('2018-11-04T03:00:00.000Z');
  });

  it('takes the first of two times that the clocks show twice', () => {
    expect(iso('2024-10-27T02:30', 'Europe/Berlin')?.[0]).toBe('2024-10-27T00:30:00.000Z');
  });

  it.each([
    '',
    '24',
    '0000',
    '2024-13',
    '2024-00',
    '2023-02-29',
    '2024-04-31',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:60Z',
    '2024-01-01T10:00:61Z',
    '2024-01-01T10',
    '2024-01-01T10:00:00+14:01',
    '2024-01-01T10:00:00+10:60',
    '2024-01-01Z',
    ' 2024',
    '2024-1-1',
    '２０２４',
  ])('refuses %j', (text) => {
    expect(dateRange(text)).toBeUndefined();
  });

  it('throws for a zone that does not exist', () => {
    expect(() => dateRange('2024', 'Middle/Earth')).toThrow(RangeError);
  });

  it('agrees with the clock of the runtime on every instant', () => {
    const dates = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(dateRange(date.toISOString())).toEqual({ low: date.getTime(), high: date.getTime() });
      }),
    );
  });
});
