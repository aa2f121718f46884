// `npm run build`: the program, and the type declarations of its public API, which only compilers of extensions need.
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, fail, run } from './prepare.mjs';

ensureInstalled();
ensureBuilt();
const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
if (run(process.execPath, [tsc, '-p', 'tsconfig.declarations.json']) !== 0) {
  fail('The type declarations could not be made; the lines above say why.');
}
