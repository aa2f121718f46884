import type { ParameterTest } from '../../../search/query.js';
import { tables, uriKey } from '../keys.js';
import { isOneOf } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import { singleTable } from './single-table.js';

type UriTest = ParameterTest & { readonly type: 'uri' };

/** Source: FHIR R4 search.html#uri. */
export function uriRows(parameters: readonly number[], tests: readonly UriTest[]): RowCondition {
  const values = tests.map(({ uri }) => uriKey(uri));
  const inOrder = values.length === 1 && parameters.length === 1;
  return singleTable(tables.uri, parameters, {
    where: (alias) => isOneOf(`${alias}.value`, values),
    probe: inOrder ? 'primary' : 'by-resource',
    inOrder,
    unique: inOrder,
    bounded: true,
  });
}
