import { parseScope, type ResourceScope } from '../scope-grammar.js';

const namedDescriptions: Readonly<Record<string, string>> = {
  openid: 'Know who you are (your user name here).',
  profile: 'See your profile.',
  fhirUser: 'Know and read the record that describes you (practitioner, patient or related person).',
  launch: 'Use the patient and encounter that are open where it was started.',
  'launch/patient': 'Know which patient you choose to work with.',
  'launch/encounter': 'Know which encounter you choose to work with.',
  offline_access:
    'Keep this access when you are away: it stays signed in for up to a year, or until it is not used for 30 days or the access is revoked.',
  online_access: 'Keep this access until you sign out here.',
  admin: 'Manage this server: users, applications and endpoints.',
};

const verbs: readonly (readonly [letter: string, verb: string])[] = [
  ['r', 'read'],
  ['s', 'search'],
  ['c', 'create'],
  ['u', 'change'],
  ['d', 'delete'],
];

/** What a scope permits, in plain words. */
export function describeScope(text: string): string {
  const scope = parseScope(text);
  if (scope === undefined) return text;
  return scope.kind === 'named' ? (namedDescriptions[text] ?? text) : describeResourceScope(scope);
}

function describeResourceScope({ context, type, permissions, query }: ResourceScope): string {
  const actions = verbs.filter(([letter]) => permissions.includes(letter)).map(([, verb]) => verb);
  const what = type === '*' ? 'records of every kind' : `records of the kind “${words(type)}”`;
  const whose = {
    patient: 'about the patient in context',
    user: 'that you have access to',
    system: 'of everybody',
  }[context];
  const limit = query === null ? '' : `, limited to ${query}`;
  return `${capitalized(list(actions))} ${what} ${whose}${limit}.`;
}

/** `MedicationRequest` → `Medication request` */
function words(type: string): string {
  return capitalized(type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase());
}

function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
