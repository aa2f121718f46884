import { FirekeepError, type ErrorIssue } from '../../platform/errors/index.js';
import { entryPlace } from '../format/bundle-text.js';

/** The error of an entry as the error of its Bundle: says which entry, and keeps places inside of it. */
export function errorOfEntry(thrown: unknown, index: number): unknown {
  if (!(thrown instanceof FirekeepError) || thrown.category === 'internal') return thrown;
  const place = entryPlace(index);
  const { category, code, message, issues, headers, detail, reference, retryAfter } = thrown;
  const named = message.startsWith(place) ? message : `${place}: ${message}`;
  const found = issues.length === 0 ? [{ message }] : issues;
  return new FirekeepError(category, code, named, {
    issues: found.map((issue: ErrorIssue) => ({
      ...issue,
      message: issue.message === message ? named : issue.message,
      expression: issue.expression?.startsWith('Bundle.entry[') === true ? issue.expression : place,
    })),
    headers,
    ...(detail === undefined ? {} : { detail }),
    ...(reference === undefined ? {} : { reference }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    cause: thrown,
  });
}

/** Runs the work of an entry; its errors name the entry. */
export function inEntry<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw errorOfEntry(thrown, index);
  }
}
