export { DpopProofs, dpopNoncePurpose, type ProofRejection } from './dpop-proofs.js';
export { ProofsModule } from './proofs.module.js';
