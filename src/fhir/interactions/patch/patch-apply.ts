import { FirekeepError } from '../../../platform/errors/index.js';
import { resourceLimits } from '../../format/json-limits.js';
import { readTree, writeTree } from '../../format/json-tree.js';
import type { PatchDocument } from './patch-document.js';

/** The text of a resource with a patch applied; what the patch doesn't touch keeps its text. */
export function patchedText(content: Buffer, patch: PatchDocument): Buffer {
  const tree = readTree(content, resourceLimits);
  if (tree.kind !== 'object') throw new Error('What is stored is not a resource.');
  patch.apply(tree);
  return writeTree(tree);
}

/**
 * Runs the checks of a patched resource. What is wrong with it then is not the form of the request, but what the
 * patch would make of the resource. Source: RFC 5789 section 2.2.
 */
export function asPatchResult<T>(check: () => T): T {
  try {
    return check();
  } catch (thrown) {
    if (!(thrown instanceof FirekeepError) || thrown.category !== 'invalid') throw thrown;
    const { code, message, issues } = thrown;
    throw new FirekeepError('unprocessable', code, `The patch would make the resource invalid. ${message}`, {
      issues,
      cause: thrown,
    });
  }
}
