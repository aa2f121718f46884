import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/index.js';
import { Logger } from '../../platform/logging/index.js';
import { ExpiryPurge } from '../../platform/schedule/index.js';
import { tables } from './sql/keys.js';

/** How long a request can be repeated under its Idempotency-Key, in ms; then its receipt is purged. */
export const receiptLifetime = 24 * 60 * 60_000;

/** Removes receipts of idempotent requests that have expired. */
@Injectable()
export class ReceiptPurgeJob extends ExpiryPurge {
  constructor(database: Database, logger: Logger) {
    super(database, logger, {
      tables: [{ name: tables.receipt, key: 'receipt_key', expiry: 'expires' }],
      every: 10 * 60_000,
      failure: 'purge of receipts failed',
    });
  }
}
