/** `code:modifier` taken apart; `chained` where the name goes on in another resource (`subject.name`). */
export interface ParameterName {
  readonly code: string;
  readonly modifier: string | undefined;
  readonly chained: boolean;
}

/** Source: FHIR R4 search.html#modifiers, search.html#chaining. */
export function parseParameterName(name: string): ParameterName {
  const dot = name.indexOf('.');
  const own = dot === -1 ? name : name.slice(0, dot);
  const colon = own.indexOf(':');
  return {
    code: colon === -1 ? own : own.slice(0, colon),
    modifier: colon === -1 ? undefined : own.slice(colon + 1),
    chained: dot !== -1,
  };
}
