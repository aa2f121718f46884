import { Module } from '@nestjs/common';
import { DpopProofs } from './dpop-proofs.js';
import { SeenProofs } from './seen-proofs.js';

/** Proofs of possession. */
@Module({ providers: [DpopProofs, SeenProofs], exports: [DpopProofs] })
export class ProofsModule {}
