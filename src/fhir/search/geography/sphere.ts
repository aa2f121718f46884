/** A place on the earth, in degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Everything within `distance` metres of a place, along the surface. */
export interface Circle extends Place {
  readonly distance: number;
}

/** The place on a sphere of radius 1, so that neither the date line nor the poles are special. */
export interface UnitVector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Metres: the mean radius of the earth, as IUGG defines it. */
const RADIUS = 6_371_008.8;
const DEGREE = Math.PI / 180;
/** Of a unit vector: 6 micrometres, and the same number wherever it is computed. */
const DECIMALS = 12;

export function unitVector({ latitude, longitude }: Place): UnitVector {
  const [phi, lambda] = [latitude * DEGREE, longitude * DEGREE];
  const rounded = (value: number): number => Number(value.toFixed(DECIMALS)) + 0;
  return {
    x: rounded(Math.cos(phi) * Math.cos(lambda)),
    y: rounded(Math.cos(phi) * Math.sin(lambda)),
    z: rounded(Math.sin(phi)),
  };
}

/**
 * The square of the longest straight line, through the sphere of radius 1, from the centre of the circle to a place
 * in it: compared with that of two unit vectors it decides exactly what the distance along the surface does, by
 * sums and products alone.
 */
export function squaredReach({ distance }: Circle): number {
  const angle = Math.min(distance / RADIUS, Math.PI);
  return (2 * Math.sin(angle / 2)) ** 2 + 1e-15;
}

/** The latitudes that the circle touches. */
export function latitudes({ latitude, distance }: Circle): { readonly low: number; readonly high: number } {
  const degrees = distance / RADIUS / DEGREE + 1e-6;
  return { low: latitude - degrees, high: latitude + degrees };
}

export function isWithin(circle: Circle, place: Place): boolean {
  const [a, b] = [unitVector(circle), unitVector(place)];
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2 <= squaredReach(circle);
}
