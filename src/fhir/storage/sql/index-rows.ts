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
import type { IndexRow, IndexRows } from './index-tables.js';
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
import { NumberedRowSet, RowSet } from './row-set.js';

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
  private readonly tokens = new RowSet(4);
  private readonly strings = new NumberedRowSet(3);
  private readonly dates = new RowSet(4);
  private readonly longDates = new RowSet(4);
  private readonly quantities = new NumberedRowSet(3);
  private readonly references = new RowSet(5);
  private readonly uris = new RowSet(3);
  private readonly composites = new NumberedRowSet(5);
  private readonly positions = new RowSet(7);
  /** Of a parameter without values of its own: each term comes once. */
  private readonly terms: IndexRow[] = [];

  constructor(
    private readonly rid: number,
    private readonly names: IndexNames,
  ) {}

  get rows(): IndexRows {
    return {
      [tables.token]: this.tokens.rows,
      [tables.string]: this.strings.rows,
      [tables.date]: this.dates.rows,
      [tables.longDate]: this.longDates.rows,
      [tables.quantity]: this.quantities.rows,
      [tables.reference]: this.references.rows,
      [tables.uri]: this.uris.rows,
      [tables.composite]: this.composites.rows,
      [tables.position]: this.positions.rows,
      [tables.term]: this.terms,
    };
  }

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
        this.terms.push(row);
        return;
      }
      case 'position': {
        const { latitude, longitude } = value;
        const { x, y, z } = unitVector(value);
        const key = [this.names.parameter(code), double(latitude), this.rid, double(longitude)];
        this.positions.add([...key, x, y, z]);
        return;
      }
      case 'uri': {
        this.uris.add([this.names.parameter(code), uriKey(value.uri), this.rid]);
        return;
      }
    }
  }

  private addComposite(code: string, value: CompositeValue): void {
    const param = this.names.parameter(code);
    const row = compositeRow(value.components, this.names);
    const { text1, text2, value2 } = row;
    this.composites.add([param, text1, text2, value2, this.rid, 0, ...row.rest]);
  }

  private addToken(code: string, value: TokenValue): void {
    const system = value.system === null ? 0 : this.names.system(value.system);
    this.addTokenRow(code, value.code, system, value.caseSensitive);
  }

  /** A value without a code has a row too, with an empty one: it tells that the element is there. */
  private addTokenRow(code: string, text: string | null, system: number, caseSensitive: boolean): void {
    const key = text === null ? '' : caseSensitive ? codeKey(text) : foldedCodeKey(text);
    const row = [this.names.parameter(code), key, this.rid, system, caseSensitive ? 0 : 1];
    const known = this.tokens.add(row);
    // Of two spellings of one key, the one that matches more is kept.
    if (known !== undefined && !caseSensitive) this.tokens.rows[known] = row;
  }

  private addString(code: string, normalized: string, exact: string): void {
    const rest = isWholeString(normalized) ? null : stringText(normalized);
    const param = this.names.parameter(code);
    this.strings.add([param, stringKey(normalized), this.rid, 0, stringText(exact), rest]);
  }

  private addDate(code: string, low: number, high: number): void {
    const param = this.names.parameter(code);
    this.dates.add([param, low, this.rid, high]);
    if (isLongPeriod(low, high)) this.longDates.add([param, high, this.rid, low]);
  }

  private addQuantity(code: string, value: NumberValue | QuantityValue): void {
    const unit = value.type === 'quantity' ? value : noUnit;
    this.quantities.add([
      this.names.parameter(code),
      double(value.value),
      this.rid,
      0,
      double(value.low),
      double(value.high),
      unit.system === null ? 0 : this.names.system(unit.system),
      codeKey(unit.code ?? ''),
      codeKey(unit.unit ?? ''),
    ]);
  }

  private addReference(code: string, value: ReferenceValue): void {
    const { key, type } = referenceTarget(value, this.names);
    const version = codeKey(value.targetVersion ?? value.canonicalVersion ?? '');
    this.references.add([this.names.parameter(code), key, this.rid, type, version]);
  }
}

const noUnit = { system: null, code: null, unit: null };
