/** Text of another server as it may stand in a message: printable, on one line, short. */
export function printable(text: string, limit = 200): string {
  const clean = text
    .slice(0, limit * 4)
    .replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd]+/g, ' ')
    .replace(/[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, '')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}
