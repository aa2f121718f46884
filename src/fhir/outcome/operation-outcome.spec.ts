import { errorStatus, FirekeepError } from '../../platform/errors/index.js';
import { isIssueType, issueTypeOf } from './issue-type.js';
import { issuesOfError, operationOutcome } from './operation-outcome.js';
import { isFhirUrl, outcomeRenderer } from '../http/outcome.renderer.js';

const context = { requestId: 'request-1', url: '/fhir/r4/Patient', queryTokens: [] };
const render = (error: FirekeepError) => {
  const { status, headers, body } = outcomeRenderer.render(error, {} as never, context);
  return { status, headers, outcome: JSON.parse(body) };
};

describe('an error as OperationOutcome', () => {
  it('has an issue type for every category', () => {
    for (const category of Object.keys(errorStatus)) {
      expect(isIssueType(issueTypeOf[category as keyof typeof errorStatus])).toBe(true);
    }
  });

  it('names the error by its code, and each finding with its place', () => {
    const error = new FirekeepError('invalid', 'FHIR_X', 'Two things are wrong.', {
      issues: [
        { message: 'First.', expression: 'Patient.name', code: 'required' },
        { message: 'Second.', code: 'NOT_AN_ISSUE_TYPE', severity: 'warning' },
      ],
    });
    const coding = [{ system: 'urn:firekeep:error', code: 'FHIR_X' }];
    expect(render(error)).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/fhir+json; charset=utf-8' },
      outcome: {
        resourceType: 'OperationOutcome',
        issue: [
          { severity: 'error', code: 'invalid', details: { coding, text: 'Two things are wrong.' } },
          {
            severity: 'error',
            code: 'required',
            details: { coding, text: 'First.' },
            expression: ['Patient.name'],
          },
          { severity: 'warning', code: 'invalid', details: { text: 'Second.' } },
        ],
      },
    });
  });

  it('gives the reference of a refusal and never the detail for the administrator', () => {
    const error = new FirekeepError('forbidden', 'ACCESS_X', 'No.', { reference: 'r-17', detail: 'secret' });
    const { outcome } = render(error);
    expect(outcome.issue[0].diagnostics).toContain('r-17');
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('tells of an internal error no more than the id of the request', () => {
    const error = new FirekeepError('internal', 'INTERNAL_ERROR', 'The server failed.', {
      cause: new Error('SQL'),
    });
    const { outcome } = render(error);
    expect(outcome.issue).toHaveLength(1);
    expect(outcome.issue[0]).toMatchObject({
      severity: 'fatal',
      code: 'exception',
      diagnostics: 'Request request-1.',
    });
  });

  it('does not list findings without bound', () => {
    const issues = Array.from({ length: 500 }, (_, index) => ({ message: `${index}` }));
    expect(issuesOfError(new FirekeepError('invalid', 'X', 'Many.', { issues }))).toHaveLength(251);
  });

  it('is used below an endpoint and nowhere else', () => {
    expect(['/@fhir', '/@fhir/Patient', '/@fhir?x'].every(isFhirUrl)).toBe(true);
    expect(['/@fhirx', '/admin', '/@none', ''].some(isFhirUrl)).toBe(false);
  });

  it('escapes what it repeats', () => {
    const text = operationOutcome([{ severity: 'error', code: 'invalid', text: '"\u2028</script>' }]);
    expect(JSON.parse(text).issue[0].details.text).toBe('"\u2028</script>');
  });
});
