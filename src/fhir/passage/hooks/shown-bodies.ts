import { changedUnit, type AskedUnit } from '../asked-unit.js';

/** A body that is about to be written. */
export interface BodyToWrite {
  readonly interaction: 'create' | 'update';
  readonly type: string;
  /** Undefined where the server gives the id, or criteria will find it. */
  readonly id: string | undefined;
  readonly body: Buffer;
  /** FHIRPath of the resource for errors, where it is part of a Bundle. */
  readonly place?: string;
  /** Index of the entry, where it is part of a transaction. */
  readonly entry?: number;
}

/** What is to be written instead of a body. Never throws. */
export type ShowBody = (write: BodyToWrite) => Buffer;

/** Ends an attempt in which bodies came up that no hook has seen. */
export class BodiesNotShown extends Error {
  constructor(readonly writes: readonly BodyToWrite[]) {
    super('Hooks have not seen these bodies.');
    this.name = 'BodiesNotShown';
  }
}

/** Bodies that came up inside a transaction, and what the hooks, which may wait, have made of them outside. */
export class ShownBodies {
  private readonly results = new Map<string, { readonly before: Buffer; readonly after: Buffer }>();
  private missing: BodyToWrite[] = [];

  /** A body that is not known yet is written down, so that one attempt finds all of them. */
  readonly show: ShowBody = (write) => {
    const known = this.results.get(keyOf(write));
    if (known?.before.equals(write.body) === true) return known.after;
    this.missing.push(write);
    return write.body;
  };

  add(write: BodyToWrite, after: Buffer): void {
    this.results.set(keyOf(write), { before: write.body, after });
  }

  /** The unit, with nothing of it stored unless every body was known. */
  requireAll<R>(unit: AskedUnit<R>): AskedUnit<R> {
    return changedUnit(unit, {
      apply: (context) => {
        this.missing = [];
        const decided = unit.apply(context);
        if (this.missing.length > 0) throw new BodiesNotShown(this.missing);
        return decided;
      },
    });
  }
}

function keyOf({ type, id, place = '' }: BodyToWrite): string {
  return `${type}/${id ?? ''} ${place}`;
}
