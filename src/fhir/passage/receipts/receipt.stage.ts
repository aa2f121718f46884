import { Injectable } from '@nestjs/common';
import type { RepeatReader, RequestScope } from '../../storage/request-scope.js';
import { changedUnit, type AskedUnit } from '../asked-unit.js';
import type { GrantedReader, PassageStage, Passing } from '../passage-stage.js';
import { requireTime, TimelyReader } from './timely-reader.js';

/** Holds what a request has the store do to the request's scope: its deadline, and its Idempotency-Key. */
@Injectable()
export class ReceiptStage implements PassageStage {
  readonly name = 'receipts';

  shown({ context: { scope } }: Passing, reader: GrantedReader): GrantedReader {
    return scope === undefined ? reader : new TimelyReader(reader, scope);
  }

  commit<R>(
    { context: { scope }, granted }: Passing,
    unit: AskedUnit<R>,
    next: (unit: AskedUnit<R>) => Promise<R>,
  ): Promise<R> {
    return scope === undefined ? next(unit) : scopedCommit(scope, granted, unit, next);
  }
}

async function scopedCommit<R>(
  scope: RequestScope,
  reader: RepeatReader,
  unit: AskedUnit<R>,
  next: (unit: AskedUnit<R>) => Promise<R>,
): Promise<R> {
  requireTime(scope);
  const { deadline } = scope;
  const scoped = scope.nextReceipt?.<R>(unit);
  if (scoped === undefined) return next(changedUnit(unit, { deadline }));
  const { receipt } = scoped;
  const answered = { fromReceipt: false };
  const result = await next(
    changedUnit<R>(unit, {
      deadline,
      receipt: {
        ...receipt,
        encode: (value) => receipt.encode(value),
        decode: (text) => {
          answered.fromReceipt = true;
          return receipt.decode(text);
        },
      },
    }),
  );
  scoped.settled();
  return answered.fromReceipt ? scoped.complete(result, reader) : result;
}
