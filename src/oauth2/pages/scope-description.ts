import { parseScope, type ResourceScope } from '../scopes/scope-grammar.js';
import type { Texts } from '../texts/texts.js';

const actions = [
  ['r', 'action.read'],
  ['s', 'action.search'],
  ['c', 'action.create'],
  ['u', 'action.change'],
  ['d', 'action.delete'],
] as const;

/** What a scope permits, in plain words. */
export function describeScope(text: string, texts: Texts): string {
  const scope = parseScope(text);
  if (scope === undefined) return text;
  if (scope.kind === 'resource') return describeResourceScope(scope, texts);
  const key = texts.find(`scope.${text}`);
  return key === undefined ? text : texts.plain(key);
}

function describeResourceScope({ context, type, permissions, query }: ResourceScope, texts: Texts): string {
  const verbs = actions.filter(([letter]) => permissions.includes(letter)).map(([, key]) => texts.plain(key));
  const what =
    type === '*' ? texts.plain('scope.every') : texts.plain('scope.kind', { type: kind(type, texts) });
  const parameters = { actions: capitalized(texts.list(verbs)), what };
  return query === null
    ? texts.plain(`scope.${context}`, parameters)
    : texts.plain(`scope.${context}.limited`, { ...parameters, limit: limitOf(query, texts) });
}

/** `category=…|laboratory` has a name of its own. */
function limitOf(query: string, texts: Texts): string {
  const code = /^category=(?:[^|&]*\|)?([a-z-]+)$/.exec(query)?.[1];
  const key = code === undefined ? undefined : texts.find(`category.${code}`);
  return key === undefined ? texts.plain('scope.limit', { query }) : texts.plain(key);
}

/** `MedicationRequest` → `Prescriptions`; what has no text of its own → `Medication request` */
function kind(type: string, texts: Texts): string {
  const key = texts.find(`type.${type}`);
  if (key !== undefined) return texts.plain(key);
  return capitalized(type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase());
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
