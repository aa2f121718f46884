import type { Definitions } from '../../definitions/index.js';
import { pageParameter } from '../../search/result-controls.js';
import type { SearchParameterPair } from '../../search/parse-search.js';
import type { SimpleTest } from '../../search/query.js';
import { dateRange } from '../../search/extraction/index.js';
import type { OperationParameter } from '../fhir-operation.js';
import { invalidParameter, type OperationParameters } from '../operation-parameters.js';

type DateTest = SimpleTest & { readonly type: 'date' };

/** What a call asks for. */
export interface EverythingRequest {
  /** Undefined: of every type. */
  readonly types: ReadonlySet<string> | undefined;
  /** Milliseconds since the epoch; undefined: whenever it was written. */
  readonly since: number | undefined;
  /** Dates of care. */
  readonly span: readonly DateTest[];
  /** Resources a page; undefined: all in one answer, as far as it may go. */
  readonly count: number | undefined;
  readonly page: string | null;
  /** All but the page, as the links of the answer repeat them. */
  readonly applied: readonly SearchParameterPair[];
}

/** What both operations take. */
export const commonParameters: readonly OperationParameter[] = [
  {
    name: '_since',
    type: 'instant',
    documentation: 'Only resources that were written at this time or later; what they refer to comes along.',
  },
  {
    name: '_type',
    type: 'code',
    repeats: true,
    documentation: 'Only resources of these types, separated by commas or repeated.',
  },
  {
    name: '_count',
    type: 'integer',
    documentation: 'Resources a page, from 1. Without it everything is in one answer, as far as that may go.',
  },
  { name: pageParameter, type: 'string', documentation: 'A page behind the first, as a link named it.' },
];

export const careDateParameters: readonly OperationParameter[] = [
  {
    name: 'start',
    type: 'date',
    documentation: 'Only care on this date or later, of the types that have a date of care.',
  },
  {
    name: 'end',
    type: 'date',
    documentation: 'Only care on this date or earlier, of the types that have a date of care.',
  },
];

export interface EverythingReading {
  readonly definitions: Pick<Definitions, 'isResourceType'>;
  /** Zone of dates without an offset. */
  readonly zone: string;
  /** A larger `_count` is brought down to this. */
  readonly maximumCount: number;
}

/** @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER` */
export function readEverything(
  parameters: OperationParameters,
  { definitions, zone, maximumCount }: EverythingReading,
): EverythingRequest {
  requireWhole(parameters);
  const date = (name: string): { low: number; high: number } | undefined => {
    const text = parameters.text(name);
    if (text === undefined) return undefined;
    // A plus that was not percent-encoded arrives as a space.
    const range = dateRange(text.replace(/ (?=\d\d:\d\d$)/, '+'), zone);
    if (range === undefined)
      throw invalidParameter(name, 'must be a date such as 2024-01-31, or one with a time.');
    return range;
  };
  const [start, end] = [date('start'), date('end')];
  if (start !== undefined && end !== undefined && start.low > end.high) {
    throw invalidParameter('start', 'lies behind "end".');
  }
  const count = countOf(parameters.text('_count'));
  return {
    types: typesOf(parameters.texts('_type'), definitions),
    since: date('_since')?.low,
    span: [
      ...(start === undefined ? [] : [{ type: 'date', prefix: 'ge', ...start } as const]),
      ...(end === undefined ? [] : [{ type: 'date', prefix: 'le', ...end } as const]),
    ],
    count: count === undefined ? undefined : Math.min(count, maximumCount),
    page: parameters.text(pageParameter) ?? null,
    applied: parameters.pairs().filter(([name]) => name !== pageParameter),
  };
}

/** A record that was cut down would be taken for the whole. */
function requireWhole({ shaping }: OperationParameters): void {
  const [name] = shaping.find(([one, value]) => !(one === '_summary' && value === 'false')) ?? [];
  if (name !== undefined) throw invalidParameter(name, 'is not for this operation: its resources are whole.');
}

function typesOf(
  texts: readonly string[],
  definitions: Pick<Definitions, 'isResourceType'>,
): ReadonlySet<string> | undefined {
  if (texts.length === 0) return undefined;
  const types = new Set(texts.flatMap((text) => text.split(',')).map((text) => text.trim()));
  for (const type of types) {
    if (!definitions.isResourceType(type)) {
      throw invalidParameter(
        '_type',
        `names "${type.slice(0, 64)}", which is no resource type of FHIR R4.`,
        '_type',
      );
    }
  }
  return types;
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) {
    throw invalidParameter('_count', 'must be a whole number from 1.');
  }
  return Number(text);
}
