import type { Principal } from '../../contract/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { operationOutcome, type OutcomeIssue } from '../outcome/operation-outcome.js';
import { includeText } from '../search/parse-include.js';
import type { SearchQuery } from '../search/query.js';
import type { ExplainedStatement, PlanStep, SearchExplanation } from '../storage/search-explanation.js';

/**
 * @param isOpen whether the caller may see every resource of the searched types
 * @throws FirekeepError 403 `FHIR_SEARCH_EXPLAIN_DENIED`: statements and plans tell about the whole repository
 */
export function requireExplainable({ kind, roles }: Principal, isOpen: boolean): void {
  if (kind === 'user' && roles.includes('admin') && isOpen) return;
  throw new FirekeepError(
    'forbidden',
    'FHIR_SEARCH_EXPLAIN_DENIED',
    'How a search is answered is explained to users with the role admin only, for types of which their token leaves nothing out. ' +
      'Leave out _explain and X-Explain.',
  );
}

/**
 * The OperationOutcome of a search's explanation: an issue for the query as it was read, one for what drives it, one a
 * statement. The text is to be read; the diagnostics are JSON.
 *
 * @param asked the query as the parameters say it, before names and value sets are looked up
 */
export function explanationText(asked: SearchQuery, explanation: SearchExplanation): string {
  return operationOutcome([
    { ...information, text: 'The query as it was read.', diagnostics: queryJson(asked) },
    driverIssue(explanation),
    ...explanation.statements.map(statementIssue),
  ]);
}

const information = { severity: 'information', code: 'informational' } as const;

function queryJson({ types, filter, single, sort, count, total, includes = [] }: SearchQuery): string {
  return JSON.stringify({ types, filter, single, sort, count, total, includes: includes.map(includeText) });
}

function driverIssue({ driver, candidates, countLimit }: SearchExplanation): OutcomeIssue {
  const how = {
    walk: 'The resources are read in the order of the page and tested one by one.',
    stream: 'One range of an index table is read in the order of the page.',
    gather: 'The rows of one condition are gathered, tested and sorted.',
  } as const;
  const text =
    driver === null ? 'Nothing can match: the index knows no such type, parameter or system.' : how[driver];
  return { ...information, text, diagnostics: JSON.stringify({ driver, candidates, countLimit }) };
}

function statementIssue(statement: ExplainedStatement): OutcomeIssue {
  const { purpose, sql, rows, plan } = statement;
  const milliseconds = Math.round(statement.milliseconds * 100) / 100;
  const reads = plan.filter(({ table }) => table !== null).map(readText);
  return {
    ...information,
    text: `${purpose}: ${milliseconds} ms, ${rows} rows${reads.length === 0 ? '' : `; ${reads.join('; ')}`}`,
    diagnostics: JSON.stringify({ purpose, milliseconds, rows, sql, plan }),
  };
}

function readText({ table, index, estimated, read }: PlanStep): string {
  const counts = [
    ...(estimated === null ? [] : [`about ${estimated} rows expected`]),
    ...(read === null ? [] : [`${read} read`]),
  ];
  return `${table ?? ''} by ${index ?? 'no index'}${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`;
}
