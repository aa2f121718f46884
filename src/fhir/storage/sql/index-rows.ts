import type {
  CompositeValue,
  IndexValue,
  ParameterValues,
  QuantityValue,
  NumberValue,
  ReferenceValue,
  TokenValue,
} from '../../search/index-values.js';
import { derivedCode, derivedValues } from '../../search/derived-values.js';
import { unitVector } from '../../search/geography/sphere.js';
import { compositeRow, type ComponentNames } from './composite-rows.js';
import { double } from './double.js';
import type { IndexRow, IndexRows, IndexTableName } from './index-tables.js';
import {
  codeKey,
  foldedCodeKey,
  isLongPeriod,
  isWholeString,
  stringKey,
  stringText,
  tables,
  uriKey,
} from './keys.js';
import { referenceTarget } from './reference-target.js';

/** Numbers of names, as far as the rows of one resource need them. */
export interface IndexNames extends ComponentNames {
  /** Number of a search parameter of the resource's repository and type. */
  parameter(code: string): number;
}

/**
 * The rows that a resource has in the search index: a pure function of its index values, so that the rows can
 * be derived again and compared. Equal values make one row.
 */
export function indexRows(rid: number, names: IndexNames, values: readonly ParameterValues[]): IndexRows {
  const builder = new RowBuilder(rid, names);
  for (const parameter of values) {
    for (const value of parameter.values) {
      builder.add(parameter.code, value);
      for (const derived of derivedValues(value)) {
        builder.add(derivedCode(parameter.code, derived.modifier), derived.value);
      }
    }
  }
  return builder.rows;
}

class RowBuilder {
  readonly rows: Record<IndexTableName, IndexRow[]> = {
    [tables.token]: [],
    [tables.string]: [],
    [tables.date]: [],
    [tables.longDate]: [],
    [tables.quantity]: [],
    [tables.reference]: [],
    [tables.uri]: [],
    [tables.composite]: [],
    [tables.position]: [],
    [tables.term]: [],
  };
  /** Keys taken so far: each with its row, or with how many rows share what stands before `nth`. */
  private readonly seen = new Map<string, number>();

  constructor(
    private readonly rid: number,
    private readonly names: IndexNames,
  ) {}

  add(code: string, value: IndexValue | CompositeValue): void {
    switch (value.type) {
      case 'composite': {
        this.addComposite(code, value);
        return;
      }
      case 'token': {
        this.addToken(code, value);
        return;
      }
      case 'string': {
        this.addString(code, value.normalized, value.exact);
        return;
      }
      case 'date': {
        this.addDate(code, value.low, value.high);
        return;
      }
      case 'number':
      case 'quantity': {
        this.addQuantity(code, value);
        return;
      }
      case 'reference': {
        this.addReference(code, value);
        return;
      }
      case 'term': {
        const row = [this.names.parameter(code), value.term, this.rid, value.narrative ? 1 : 0];
        this.rows[tables.term].push(row);
        return;
      }
      case 'position': {
        const { latitude, longitude } = value;
        const { x, y, z } = unitVector(value);
        const key = [this.names.parameter(code), double(latitude), this.rid, double(longitude)];
        this.addOnce(tables.position, [...key, x, y, z]);
        return;
      }
      case 'uri': {
        this.addOnce(tables.uri, [this.names.parameter(code), uriKey(value.uri), this.rid]);
        return;
      }
    }
  }

  private addComposite(code: string, value: CompositeValue): void {
    const param = this.names.parameter(code);
    const row = compositeRow(value.components, this.names);
    const { text1, text2, value2 } = row;
    this.addNumbered(tables.composite, [param, text1, text2, value2, this.rid], row.rest);
  }

  private addToken(code: string, value: TokenValue): void {
    const system = value.system === null ? 0 : this.names.system(value.system);
    this.addTokenRow(code, value.code, system, value.caseSensitive);
  }

  /** A value without a code has a row too, with an empty one: it tells that the element is there. */
  private addTokenRow(code: string, text: string | null, system: number, caseSensitive: boolean): void {
    const key = text === null ? '' : caseSensitive ? codeKey(text) : foldedCodeKey(text);
    const row = [this.names.parameter(code), key, this.rid, system];
    const rows = this.rows[tables.token];
    const id = `${tables.token} ${row.join(SEPARATOR)}`;
    const at = this.seen.get(id);
    // Of two spellings of one key, the one that matches more is kept.
    if (at === undefined) this.seen.set(id, rows.push([...row, caseSensitive ? 0 : 1]) - 1);
    else if (!caseSensitive) rows[at] = [...row, 1];
  }

  private addString(code: string, normalized: string, exact: string): void {
    const rest = isWholeString(normalized) ? null : stringText(normalized);
    this.addNumbered(
      tables.string,
      [this.names.parameter(code), stringKey(normalized), this.rid],
      [stringText(exact), rest],
    );
  }

  private addDate(code: string, low: number, high: number): void {
    const param = this.names.parameter(code);
    this.addOnce(tables.date, [param, low, this.rid, high]);
    if (isLongPeriod(low, high)) this.addOnce(tables.longDate, [param, high, this.rid, low]);
  }

  private addQuantity(code: string, value: NumberValue | QuantityValue): void {
    const unit = value.type === 'quantity' ? value : noUnit;
    this.addNumbered(
      tables.quantity,
      [this.names.parameter(code), double(value.value), this.rid],
      [
        double(value.low),
        double(value.high),
        unit.system === null ? 0 : this.names.system(unit.system),
        codeKey(unit.code ?? ''),
        codeKey(unit.unit ?? ''),
      ],
    );
  }

  private addReference(code: string, value: ReferenceValue): void {
    const { key, type } = referenceTarget(value, this.names);
    const version = codeKey(value.targetVersion ?? value.canonicalVersion ?? '');
    this.addOnce(tables.reference, [this.names.parameter(code), key, this.rid, type, version]);
  }

  /** For tables whose key is the whole row. */
  private addOnce(table: IndexTableName, row: IndexRow): void {
    const id = `${table} ${row.join(SEPARATOR)}`;
    if (this.seen.has(id)) return;
    this.seen.set(id, 0);
    this.rows[table].push(row);
  }

  /** For tables whose key ends in `nth`: rows that differ only behind it are numbered from 0. */
  private addNumbered(table: IndexTableName, key: IndexRow, rest: IndexRow): void {
    const keyId = `${table} ${key.join(SEPARATOR)}`;
    const rowId = `${keyId} ${rest.join(SEPARATOR)}`;
    if (this.seen.has(rowId)) return;
    this.seen.set(rowId, 0);
    const nth = this.seen.get(keyId) ?? 0;
    this.seen.set(keyId, nth + 1);
    this.rows[table].push([...key, nth, ...rest]);
  }
}

/** Between the values in a key of `seen`; in no text of FHIR, so different rows have different keys. */
const SEPARATOR = '\u0000';
const noUnit = { system: null, code: null, unit: null };
