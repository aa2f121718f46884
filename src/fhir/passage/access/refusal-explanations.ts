import type { BehindTheGate } from '../../../contract/index.js';

/** What an administrator is told of a refusal for another reason than a missing scope or role, by its error code. */
export const refusalExplanations: Readonly<
  Record<string, Required<Pick<BehindTheGate, 'expected' | 'remedy' | 'setting'>>>
> = {
  FHIR_ACCESS_OUTSIDE: {
    expected:
      'a resource that lies within what was granted and names no other patient, as it is and as it would be stored',
    remedy:
      'Store it for the patient in context and of the kind that the scope names, with no reference to another patient, ' +
      'or grant a wider scope or role; assigns for a rule by which patients are assigned.',
    setting:
      'scope of the token and its patient in context; criteria, compartment, ownPatients, namesOthers and assigns of the roles',
  },
  FHIR_IDEMPOTENCY_KEY_FOREIGN: {
    expected: 'the scopes, patient in context and roles with which the key was used first',
    remedy: 'Have the client look whether its request was carried out, or send it with another key.',
    setting: 'scope of the token and its patient in context; roles of the user',
  },
  FHIR_IDEMPOTENCY_OUTSIDE: {
    expected: 'that what the request was answered with the first time still lies within what is granted',
    remedy: 'Nothing, where the resource was moved or the rights were taken away on purpose.',
    setting: 'criteria, compartment and ownPatients of the roles; what is stored of the resource',
  },
  FHIR_AUDIT_TAG_RESERVED: {
    expected: 'an AuditEvent without the tag of those that this server records',
    remedy: 'Have the client leave the tag out.',
    setting: 'what the client sends',
  },
  FHIR_SEARCH_PAGE_FOREIGN: {
    expected: 'a page link that was made for this endpoint, user and client',
    remedy: 'Have the client start the search from its first page.',
    setting: 'what the client sends',
  },
  FHIR_SEARCH_EXPLAIN_DENIED: {
    expected: 'a user with the role admin, and a token that leaves out nothing of what is searched',
    remedy: 'Leave out _explain and X-Explain, or give the user the role admin.',
    setting: 'roles of the user; scope of the token',
  },
};
