import { latitudes, squaredReach, unitVector } from '../../../search/geography/sphere.js';
import type { Circle } from '../../../search/geography/sphere.js';
import { tables } from '../keys.js';
import { anyOf, sql } from './fragment.js';
import type { Fragment } from './fragment.js';
import type { RowCondition } from './row-condition.js';
import { singleTable } from './single-table.js';

/** The band of latitudes is a range of the key; the rest is decided on the sphere, row by row. */
function circleSql(a: string, circle: Circle): Fragment {
  const { low, high } = latitudes(circle);
  const { x, y, z } = unitVector(circle);
  return sql(
    `(${a}.latitude >= ? AND ${a}.latitude <= ? AND (${a}.x - ?) * (${a}.x - ?) + (${a}.y - ?) * (${a}.y - ?) + (${a}.z - ?) * (${a}.z - ?) <= ?)`,
    low,
    high,
    x,
    x,
    y,
    y,
    z,
    z,
    squaredReach(circle),
  );
}

/** Source: FHIR R4 location.html#positional. Undefined: no resource has a position. */
export function positionRows(
  parameters: readonly number[],
  circles: readonly Circle[],
): RowCondition | undefined {
  if (parameters.length === 0 || circles.length === 0) return undefined;
  return singleTable(tables.position, parameters, {
    where: (alias) => anyOf(circles.map((circle) => circleSql(alias, circle))),
    probe: 'by-resource',
    inOrder: false,
    unique: false,
    bounded: true,
  });
}
