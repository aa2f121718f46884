import type { ParameterTest } from '../../../search/query.js';
import { codeKey, tables, uriKey } from '../keys.js';
import { allOf, anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import type { SearchNames } from './search-names.js';
import { singleTable } from './single-table.js';

type ReferenceTest = ParameterTest & { readonly type: 'reference' };
/** `type` 0: the target is a URL; undefined: a resource of any type. */
interface Target {
  readonly key: string;
  readonly type: number | undefined;
  readonly version: string | undefined;
}

function targetOf(test: ReferenceTest, names: SearchNames): Target | undefined {
  const version = test.targetVersion ?? test.canonicalVersion;
  if (test.targetId === undefined) {
    return test.url === undefined ? undefined : { key: uriKey(test.url), type: 0, version };
  }
  if (test.targetType === undefined) return { key: test.targetId, type: undefined, version };
  const type = names.type(test.targetType);
  return type === undefined ? undefined : { key: test.targetId, type, version };
}

function targetSql(a: string, { key, type, version }: Target): Fragment {
  return allOf([
    sql(`${a}.target = ?`, key),
    type === undefined ? sql(`${a}.target_type <> 0`) : sql(`${a}.target_type = ?`, type),
    ...(version === undefined ? [] : [sql(`${a}.version = ?`, codeKey(version))]),
  ]);
}

/** Source: FHIR R4 search.html#reference. Undefined: no row uses the type, so nothing matches. */
export function referenceRows(
  parameters: readonly number[],
  tests: readonly ReferenceTest[],
  names: SearchNames,
): RowCondition | undefined {
  const targets = tests.flatMap((test) => targetOf(test, names) ?? []);
  if (targets.length === 0) return undefined;
  const inOrder = targets.length === 1 && parameters.length === 1;
  return singleTable(tables.reference, parameters, {
    where: (alias) => anyOf(targets.map((target) => targetSql(alias, target))),
    probe: inOrder ? 'primary' : 'by-resource',
    inOrder,
    unique: false,
    bounded: true,
  });
}
