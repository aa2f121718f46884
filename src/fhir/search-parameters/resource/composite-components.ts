import type { ErrorIssue } from '../../../platform/errors/index.js';
import type { Definitions, SearchParameterComponent } from '../../definitions/index.js';

/** As many as a row of the index holds. */
const MOST = 3;

/** The components of a composite parameter. Source: FHIR R4 search.html#composite. */
export function componentsOf(
  value: unknown,
  definitions: Definitions,
): { readonly components: readonly SearchParameterComponent[]; readonly issues: readonly ErrorIssue[] } {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  if (list.length < 2 || list.length > MOST) {
    return { components: [], issues: [issue('component', `A composite has two or ${MOST} components.`)] };
  }
  const issues: ErrorIssue[] = [];
  const components = list.map((one, index) => {
    const { definition, expression } = (one ?? {}) as Record<string, unknown>;
    const [url = ''] = typeof definition === 'string' ? definition.split('|') : [];
    const place = `component[${index}]`;
    const type = definitions.searchParameterByUrl(url)?.type;
    if (type === undefined) {
      const message = `"${url.slice(0, 200)}" is no search parameter of FHIR R4; components refer to those.`;
      issues.push(issue(`${place}.definition`, message));
    } else if (type === 'composite' || type === 'special') {
      issues.push(issue(`${place}.definition`, `A parameter of the type ${type} can't be a component.`));
    }
    if (typeof expression !== 'string')
      issues.push(issue(`${place}.expression`, 'A component needs an expression.'));
    return { definition: url, expression: typeof expression === 'string' ? expression : '' };
  });
  return { components, issues };
}

function issue(element: string, message: string): ErrorIssue {
  return { message, code: 'business-rule', expression: `SearchParameter.${element}` };
}
