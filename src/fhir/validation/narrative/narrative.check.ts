import { isStorableText } from '../../../platform/text/index.js';
import { jsonKind } from '../json-object.js';
import type { ItemCheck } from '../property.check.js';
import { xhtmlProblem } from './xhtml-scanner.js';

/** The XHTML of a narrative. Source: FHIR R4 narrative.html, rules txt-1 and txt-2. */
export const narrativeItem: ItemCheck = (value, run) => {
  if (typeof value !== 'string') {
    run.error('structure', `XHTML in a string is expected here, not ${jsonKind(value)}.`);
  } else if (!isStorableText(value)) {
    run.error('value', 'The narrative must not have control characters.');
  } else {
    const problem = xhtmlProblem(value);
    if (problem) run.error('invariant', `The narrative ${problem.message} (rule ${problem.rule}).`);
  }
};
