import { Module } from '@nestjs/common';
import { DpopProofs } from './dpop-proofs.js';
import { ProofPurgeJob } from './proof-purge.job.js';
import { SeenProofs } from './seen-proofs.js';

/** Proofs of possession. */
@Module({ providers: [DpopProofs, SeenProofs, ProofPurgeJob], exports: [DpopProofs] })
export class ProofsModule {}
