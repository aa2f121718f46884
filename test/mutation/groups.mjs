/** What is mutated together, and by which specs: few, and quick, since each mutant runs them anew. */
export const groups = {
  refresh: {
    mutate: ['src/oauth2/provider/token-rules.ts'],
    tests: ['src/oauth2/provider/token-rules.spec.ts'],
  },
  units: {
    mutate: ['src/fhir/exchange/preconditions.ts', 'src/fhir/storage/sql/group-plan.ts'],
    tests: ['src/fhir/exchange/preconditions.spec.ts', 'src/fhir/storage/sql/group-plan.spec.ts'],
  },
  values: {
    mutate: ['src/fhir/search/match/{range,value}.match.ts'],
    tests: ['src/fhir/search/match/{range,value}.match.spec.ts'],
  },
  'write-plan': {
    mutate: [
      'src/fhir/exchange/{preconditions,write-plan}.ts',
      'src/fhir/storage/sql/{group-plan,condition-overlap,group-commit,write-queue,name-resolver}.ts',
    ],
    tests: ['src/fhir/exchange/*.spec.ts', 'src/fhir/storage/sql/*.spec.ts'],
  },
  proofs: {
    mutate: ['src/platform/proofs/{dpop-proof,dpop-proofs,dpop-nonces}.ts', 'src/clients/client-secrets.ts'],
    tests: ['src/platform/proofs/*.spec.ts', 'src/clients/client-secrets.spec.ts'],
  },
  match: {
    mutate: [
      'src/fhir/search/match/*.ts',
      'src/fhir/search/access-filter.ts',
      'src/fhir/search/{restrict,implied-access,implying-references,derived-values,compartment-membership}.ts',
    ],
    tests: ['src/fhir/search/match/*.spec.ts', 'src/fhir/search/*.spec.ts'],
  },
  scopes: {
    mutate: [
      'src/oauth2/scopes/{scope-grammar,scope-policy,consent-choices}.ts',
      'src/smart/scopes/{scope,scope-access-policy,role-reach,interaction-rights}.ts',
    ],
    tests: ['src/oauth2/scopes/*.spec.ts', 'src/smart/scopes/*.spec.ts'],
  },
  tokens: {
    mutate: [
      'src/oauth2/provider/{single-use.rule,token-rules}.ts',
      'src/oauth2/token/{stored-access-tokens,token-claims,bearer-introspection}.ts',
      'src/oauth2/launch/{approved-context,launch-steps}.ts',
    ],
    tests: ['src/oauth2/provider/*.spec.ts', 'src/oauth2/token/*.spec.ts', 'src/oauth2/launch/*.spec.ts'],
  },
  checks: {
    mutate: [
      'src/access/checks/*.ts',
      'src/access/credentials/{basic.strategy,presented-credentials,bearer.strategy}.ts',
    ],
    tests: ['src/access/checks/*.spec.ts', 'src/access/credentials/*.spec.ts'],
  },
  gate: {
    mutate: ['src/access/{gate,refusals}/*.ts'],
    tests: ['src/access/{gate,refusals}/*.spec.ts'],
  },
  criteria: {
    mutate: [
      'src/fhir/search/{parse-criteria,parse-filter,parse-modified,parse-parameter,parse-search,parameter-name,value-context}.ts',
      'src/fhir/search/values/*.ts',
    ],
    tests: ['src/fhir/search/*.spec.ts'],
  },
  validation: {
    mutate: ['src/fhir/validation/*.ts', 'src/fhir/validation/{rules,primitives}/*.ts'],
    tests: [
      'src/fhir/validation/{structure,nearest-name,hostile-input}.spec.ts',
      'src/fhir/validation/primitives/*.spec.ts',
    ],
  },
};
