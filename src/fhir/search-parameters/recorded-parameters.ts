import { createHash } from 'node:crypto';
import type { ExtensibleDefinitions, SearchParameter } from '../definitions/index.js';
import type { RecordedParameter } from '../storage/search-coverage.js';

/** The search parameters that extensions of this process have added, in the order of their registration. */
export function recordedParameters({ added }: ExtensibleDefinitions): readonly RecordedParameter[] {
  return added.map(({ type, parameter }) => ({ type, code: parameter.code, digest: digestOf(parameter) }));
}

/** What decides the values of a parameter: where it changes, values that are there are those of another one. */
function digestOf({ type, expression, targets }: SearchParameter): string {
  return createHash('sha256')
    .update(JSON.stringify([type, expression, targets]))
    .digest('hex');
}
