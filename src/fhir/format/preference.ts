/** What a client prefers. Source: FHIR R4 http.html#ops (return) and search.html#errors (handling). */
export interface Preference {
  readonly return: 'minimal' | 'representation' | 'OperationOutcome' | undefined;
  readonly handling: 'strict' | 'lenient';
  /** Lenient handling is asked for, and not only the default. */
  readonly asksLenient: boolean;
}

const none: Preference = { return: undefined, handling: 'lenient', asksLenient: false };

/** Reads a Prefer header (RFC 7240); what isn't known is ignored, as that RFC says. */
export function parsePreference(header: string | readonly string[] | undefined): Preference {
  if (header === undefined) return none;
  const tokens = String(header)
    .slice(0, 1_000)
    .split(/[,;]/)
    .map((token) => token.trim().replaceAll('"', ''));
  const value = tokens.find((token) => token.startsWith('return='))?.slice('return='.length);
  return {
    return:
      value === 'minimal' || value === 'representation' || value === 'OperationOutcome' ? value : undefined,
    handling: tokens.includes('handling=strict') ? 'strict' : 'lenient',
    asksLenient: tokens.includes('handling=lenient'),
  };
}
