const ZERO = 0x30;

/** Whether the day of a text that starts with `YYYY-MM-DD` exists; a shorter text names no day. */
export function hasRealDay(text: string): boolean {
  if (text.length < 10) return true;
  const day = twoDigits(text, 8);
  if (day <= 28) return true;
  return day <= daysOfMonth(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5));
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}
