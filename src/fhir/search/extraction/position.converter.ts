import { numberAt } from './number.converter.js';
import { isFields } from './visit.js';
import type { Target, Visit } from './visit.js';

const visitPosition: Visit = (value, _owner, _key, run) => {
  if (!isFields(value)) return;
  const latitude = numberAt(value, 'latitude', run)?.value;
  const longitude = numberAt(value, 'longitude', run)?.value;
  if (latitude === undefined || longitude === undefined) return;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return;
  run.values.push({ type: 'position', latitude, longitude });
};

/** Index values of `near`. Source: FHIR R4 location.html#positional. */
export function positionConverter(target: Target): Visit | undefined {
  return target.type.code === 'Location.position' ? visitPosition : undefined;
}
