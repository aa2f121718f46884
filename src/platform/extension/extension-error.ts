import { FirekeepError } from '../errors/index.js';

/** An extension is made wrongly; its developer reads this at the start. */
export function invalidExtension(name: string, problem: string): FirekeepError {
  return new FirekeepError('internal', 'EXTENSION_INVALID', `The extension "${name}" ${problem}.`);
}
