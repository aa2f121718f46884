export { DpopProofs, dpopNoncePurpose, type ProofRefusal } from './dpop-proofs.js';
export { ProofsModule } from './proofs.module.js';
