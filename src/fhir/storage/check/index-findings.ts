import {
  indexTables,
  type IndexRow,
  type IndexRows,
  type IndexTable,
  type IndexTableName,
} from '../sql/index-tables.js';
import type { Finding } from './finding.js';
import type { NumberNames } from './number-names.js';
import { finding, type NamedVersion } from './version-findings.js';

/** Longest text of a value in a finding. */
const SHOWN = 60;

/** Names the rows that a resource lacks in the index, and those that it has without right. */
export async function indexFindings(
  version: NamedVersion,
  names: NumberNames,
  stored: ReadonlyMap<IndexTableName, readonly IndexRow[]>,
  derived: IndexRows | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const table of indexTables) {
    const has = await certainRows(stored.get(table.name) ?? [], names);
    const wants = await certainRows(derived?.[table.name] ?? [], names);
    const hasKeys = new Set(has.map(identity));
    const wantsKeys = new Set(wants.map(identity));
    for (const row of wants.filter((candidate) => !hasKeys.has(identity(candidate)))) {
      findings.push(finding(version, 'index-missing', await describe(table, row, names)));
    }
    for (const row of has.filter((candidate) => !wantsKeys.has(identity(candidate)))) {
      const why = version.deleted ? ' of a deleted resource' : '';
      findings.push(finding(version, 'index-surplus', `${await describe(table, row, names)}${why}`));
    }
  }
  return findings;
}

/** The rows of parameters of which every resource has all values and none else. */
async function certainRows(rows: readonly IndexRow[], names: NumberNames): Promise<readonly IndexRow[]> {
  const own: IndexRow[] = [];
  for (const row of rows) if (!(await names.isUncertain(Number(row[0])))) own.push(row);
  return own;
}

const identity = (row: IndexRow): string => JSON.stringify(row);

async function describe(table: IndexTable, row: IndexRow, names: NumberNames): Promise<string> {
  const parameter = await names.parameter(Number(row[0]));
  const values = table.columns
    .map((column, place) => ({ column, value: row[place] ?? null }))
    .filter(({ column, value }) => column !== 'param' && column !== 'rid' && value !== null)
    .map(({ column, value }) => `${column}=${JSON.stringify(value).slice(0, SHOWN)}`);
  return `${table.name} row of ${parameter}: ${values.join(' ')}`;
}
