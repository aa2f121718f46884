import type { Definitions, SearchParameter } from '../definitions/index.js';
import type { DatePrefix } from './query.js';
import type { TextIndex } from './text/text-index.js';

/** What reading one value of a parameter needs to know. */
export interface ValueContext {
  /** As the caller wrote it, modifier included: for messages. */
  readonly name: string;
  readonly parameter: SearchParameter;
  /** Behind the colon; undefined: plain. */
  readonly modifier: string | undefined;
  readonly definitions: Definitions;
  /** Addresses of the repository: a reference below one of them is local. */
  readonly bases: readonly string[];
  /** Time zone of dates without one: IANA name or `+hh:mm`. */
  readonly zone: string;
  readonly text: TextIndex;
}

const prefixes: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

/** Takes the comparison prefix of dates, numbers and quantities off; `eq` where there is none. */
export function splitPrefix(text: string): { readonly prefix: DatePrefix; readonly rest: string } {
  const prefix = text.slice(0, 2);
  return prefixes.has(prefix)
    ? { prefix: prefix as DatePrefix, rest: text.slice(2) }
    : { prefix: 'eq', rest: text };
}
