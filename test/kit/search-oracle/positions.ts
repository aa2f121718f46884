import type { Element } from './elements.js';
import { numberAt } from './json.js';

const metres: Readonly<Record<string, number>> = { km: 1000, m: 1, '[mi_i]': 1609.344 };
const radius = 6_371_008.8;

/** Whether a position lies in `latitude|longitude|distance|unit`. Source: FHIR R4 location.html#positional. */
export function isNear({ value }: Element, text: string): boolean {
  const [latitude, longitude, distance = '', unit = ''] = text.split('|');
  const [north, east] = [numberAt(value, 'latitude'), numberAt(value, 'longitude')];
  if (north === undefined || east === undefined) return false;
  const reach = distance === '' ? 50_000 : Number(distance) * (metres[unit === '' ? 'km' : unit] ?? NaN);
  return between(Number(latitude), Number(longitude), north, east) <= reach;
}

/** Metres along the surface of the sphere, by the haversine formula. */
function between(north: number, east: number, otherNorth: number, otherEast: number): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const across = Math.sin(radians(otherNorth - north) / 2) ** 2;
  const along = Math.sin(radians(otherEast - east) / 2) ** 2;
  const h = across + Math.cos(radians(north)) * Math.cos(radians(otherNorth)) * along;
  return 2 * radius * Math.asin(Math.min(1, Math.sqrt(h)));
}
