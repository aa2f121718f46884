import type { IndexRow } from './index-tables.js';

/** As long as there are no more rows, looking through them is cheaper than a text a row. */
const FEW = 24;
/** Between the values in a text of a row; in no text of FHIR, so different rows have different texts. */
const SEPARATOR = '\u0000';

/** The rows that a resource has in a table, told apart by their first columns. */
export class RowSet {
  readonly rows: IndexRow[] = [];
  /** Places of the rows by the text of their first columns, once they are many. */
  private places: Map<string, number> | undefined;

  /** @param columns so many tell two rows apart */
  constructor(private readonly columns: number) {}

  /** @returns the place of the row that is there already; undefined: the row was added */
  add(row: IndexRow): number | undefined {
    const { rows } = this;
    if (rows.length < FEW) {
      for (let place = 0; place < rows.length; place++) {
        if (startsAlike(rows[place], row, this.columns)) return place;
      }
    } else {
      this.places ??= new Map(rows.map((known, place) => [this.textOf(known), place]));
      const text = this.textOf(row);
      const known = this.places.get(text);
      if (known !== undefined) return known;
      this.places.set(text, rows.length);
    }
    rows.push(row);
    return undefined;
  }

  private textOf(row: IndexRow): string {
    return row.slice(0, this.columns).join(SEPARATOR);
  }
}

/** Rows whose key ends in `nth`: those that differ only behind it are numbered from 0. */
export class NumberedRowSet {
  readonly rows: IndexRow[] = [];
  /** Texts of whole rows, `nth` aside, and how many rows share what stands before it, once they are many. */
  private seen: Map<string, number> | undefined;

  /** @param columns the columns before `nth` */
  constructor(private readonly columns: number) {}

  /** @param row a whole row, with any value in the place of `nth` */
  add(row: (string | number | null)[]): void {
    const nth = this.rows.length < FEW ? this.nextOfFew(row) : this.nextOfMany(row);
    if (nth === undefined) return;
    row[this.columns] = nth;
    this.rows.push(row);
  }

  private nextOfFew(row: IndexRow): number | undefined {
    let nth = 0;
    for (const known of this.rows) {
      if (!startsAlike(known, row, this.columns)) continue;
      if (endsAlike(known, row, this.columns + 1)) return undefined;
      nth++;
    }
    return nth;
  }

  private nextOfMany(row: IndexRow): number | undefined {
    if (this.seen === undefined) {
      this.seen = new Map();
      for (const known of this.rows) this.note(this.seen, known);
    }
    return this.note(this.seen, row);
  }

  private note(seen: Map<string, number>, row: IndexRow): number | undefined {
    const key = row.slice(0, this.columns).join(SEPARATOR);
    const whole = `${key} ${row.slice(this.columns + 1).join(SEPARATOR)}`;
    if (seen.has(whole)) return undefined;
    seen.set(whole, 0);
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return nth;
  }
}

function startsAlike(one: IndexRow | undefined, other: IndexRow, columns: number): boolean {
  if (one === undefined) return false;
  for (let place = 0; place < columns; place++) if (one[place] !== other[place]) return false;
  return true;
}

function endsAlike(one: IndexRow, other: IndexRow, from: number): boolean {
  for (let place = from; place < other.length; place++) if (one[place] !== other[place]) return false;
  return true;
}
