import type { SimpleTest } from '../../../search/query.js';
import { codeKey, prefixRange, tables, uriKey } from '../keys.js';
import { allOf, anyOf, isOneOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import type { SearchNames } from './search-names.js';
import { singleTable } from './single-table.js';

type ReferenceTest = SimpleTest & { readonly type: 'reference' };
/** `type` 0: the target is a URL; undefined: a resource of any type. */
export interface Target {
  readonly key: string;
  readonly type: number | undefined;
  readonly version: string | undefined;
  readonly versionParts: boolean;
}

export function targetOf(test: ReferenceTest, names: SearchNames): Target | undefined {
  const version = test.targetVersion ?? test.canonicalVersion;
  const versions = { version, versionParts: test.versionParts === true };
  if (test.targetId === undefined) {
    return test.url === undefined ? undefined : { key: uriKey(test.url), type: 0, ...versions };
  }
  if (test.targetType === undefined) return { key: test.targetId, type: undefined, ...versions };
  const type = names.type(test.targetType);
  return type === undefined ? undefined : { key: test.targetId, type, ...versions };
}

/** Targets that differ in their keys alone, together. */
function grouped(targets: readonly Target[]): readonly (readonly [Target, ...Target[]])[] {
  const groups = new Map<string, [Target, ...Target[]]>();
  for (const target of targets) {
    const group = JSON.stringify([target.type, target.version, target.versionParts]);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [target]);
    else known.push(target);
  }
  return [...groups.values()];
}

function targetsSql(a: string, targets: readonly [Target, ...Target[]]): Fragment {
  const [{ type, version, versionParts }] = targets;
  return allOf([
    isOneOf(`${a}.target`, [...new Set(targets.map(({ key }) => key))].sort()),
    type === undefined ? sql(`${a}.target_type <> 0`) : sql(`${a}.target_type = ?`, type),
    ...(version === undefined ? [] : [versionSql(a, version, versionParts)]),
  ]);
}

function versionSql(a: string, version: string, versionParts: boolean): Fragment {
  if (!versionParts) return sql(`${a}.version = ?`, codeKey(version));
  const { from, to } = prefixRange(`${version}.`);
  return sql(`(${a}.version = ? OR (${a}.version >= ? AND ${a}.version < ?))`, codeKey(version), from, to);
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
    where: (alias) => anyOf(grouped(targets).map((group) => targetsSql(alias, group))),
    probe: inOrder ? 'primary' : 'by-resource',
    inOrder,
    unique: false,
    bounded: true,
  });
}
