import type { ErrorIssue } from '../../platform/errors/index.js';
import { isIssueType } from '../outcome/issue-type.js';
import { operationOutcome } from '../outcome/operation-outcome.js';
import { includeText } from '../search/parse-include.js';
import type { SearchQuery } from '../search/query.js';
import type { SearchPage } from '../storage/ports.js';

/** The OperationOutcome of what is worth saying of a search. Source: FHIR R4 search.html#errors. */
export function outcomeText(issues: readonly ErrorIssue[]): string {
  return operationOutcome(
    issues.map(({ severity = 'warning', message, code }) => ({
      severity,
      code: isIssueType(code) ? code : 'not-supported',
      text: message,
    })),
  );
}

/** What the page says of resources that were to be included and are too many. */
export function cutIncludes({ cut, included }: SearchPage): readonly ErrorIssue[] {
  if (cut.length === 0) return [];
  const message =
    `Not all that ${cut.map(includeText).join(', ')} leads to is here: a page includes ${included.length} resources at most. ` +
    'Ask for fewer matches a page by _count, or search these resources themselves.';
  return [{ severity: 'warning', code: 'incomplete', message }];
}

/** What the page says where an estimate was asked for and the matches are too many to be counted in passing. */
export function uncounted({ total }: SearchPage, asked: SearchQuery['total']): readonly ErrorIssue[] {
  if (asked !== 'estimate' || total !== null) return [];
  const message =
    'There are too many matches to be counted in passing, so no total is given. Ask for _total=accurate where it is worth the time.';
  return [{ severity: 'information', code: 'informational', message }];
}
