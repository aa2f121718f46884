import { splitUnescaped, unescapeValue } from '../escaping.js';
import { decimalRange } from '../extraction/index.js';
import type { Circle } from '../geography/sphere.js';
import { invalidValue } from '../search-errors.js';
import { conversionOf } from '../units/ucum.js';

/** Metres, where a search names no distance. */
const DEFAULT_DISTANCE = 50_000;
const expected =
  'latitude|longitude|distance|units such as 42.2565|-83.6948|11.2|km, units being UCUM units of length';

/** `[latitude]|[longitude]|[distance]|[units]`. Source: FHIR R4 location.html#positional. */
export function parseNear(name: string, text: string): Circle {
  const parts = splitUnescaped(text, '|').map(unescapeValue);
  const [latitude, longitude, distance, unit] = parts;
  const circle = {
    latitude: numberOf(latitude),
    longitude: numberOf(longitude),
    distance: distanceOf(distance, unit),
  };
  if (
    parts.length > 4 ||
    !(Math.abs(circle.latitude) <= 90) ||
    !(Math.abs(circle.longitude) <= 180) ||
    !(circle.distance >= 0)
  ) {
    throw invalidValue(name, text, expected);
  }
  return circle;
}

function numberOf(text: string | undefined): number {
  return (text === undefined ? undefined : decimalRange(text)?.value) ?? NaN;
}

function distanceOf(distance = '', unit = ''): number {
  if (distance === '') return unit === '' ? DEFAULT_DISTANCE : NaN;
  const conversion = conversionOf(unit === '' ? 'km' : unit);
  return conversion?.code === 'm' && conversion.offset === 0 ? numberOf(distance) * conversion.factor : NaN;
}
