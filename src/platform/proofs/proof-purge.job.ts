import { Injectable } from '@nestjs/common';
import { Database } from '../database/index.js';
import { Logger } from '../logging/index.js';
import { ExpiryPurge } from '../schedule/index.js';

/** Removes proofs that nobody can use any more. */
@Injectable()
export class ProofPurgeJob extends ExpiryPurge {
  constructor(database: Database, logger: Logger) {
    super(database, logger, {
      tables: [{ name: 'dpop_proof', key: 'id_hash', expiry: 'expires_at' }],
      every: 60_000,
      failure: 'proofs not purged',
    });
  }
}
