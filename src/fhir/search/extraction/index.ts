/** Index values and compartments of resources, and the readings of text that the query parser shares. */
export { dateRange } from './date-range.js';
export type { DateRange } from './date-range.js';
export { decimalRange } from './decimal-range.js';
export type { DecimalRange } from './decimal-range.js';
export { selectionOf } from './expression-compiler.js';
export { extract, isSingle, requireCompilable } from './extract.js';
export type { ExtractionContext } from './extraction-context.js';
export { normalizeString } from '../text/normalize-string.js';
export { otherReferences, otherReferenceValues } from './other-references.js';
export { participations } from './participations.js';
export { parseReference } from './reference.converter.js';
export type { LiteralReference } from './reference.converter.js';
export { leadsOnlyTo, leadsWithin } from './reference-selection.js';
export type { ReferenceRoute } from './reference-selection.js';
