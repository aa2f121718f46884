/** The module table of docs/architecture.md: what each module may import, and only through its index. */
const modules = {
  contract: [],
  platform: [],
  users: ['platform'],
  clients: ['platform', 'users'],
  endpoints: ['platform', 'contract'],
  oauth2: ['platform', 'users', 'clients', 'endpoints', 'contract'],
  trust: ['platform', 'clients', 'endpoints', 'contract'],
  fhir: ['platform', 'endpoints', 'contract'],
  smart: ['platform', 'contract', 'oauth2', 'trust', 'fhir', 'users', 'clients', 'endpoints'],
  access: ['platform', 'contract', 'users', 'clients', 'trust', 'endpoints'],
  documentation: ['platform', 'clients', 'endpoints', 'oauth2', 'trust', 'fhir', 'contract'],
  administration: [
    'platform',
    'users',
    'clients',
    'endpoints',
    'oauth2',
    'trust',
    'fhir',
    'smart',
    'access',
    'contract',
  ],
  audit: ['platform', 'contract', 'access', 'oauth2', 'fhir', 'administration'],
  application: [
    'platform',
    'users',
    'clients',
    'endpoints',
    'oauth2',
    'trust',
    'fhir',
    'smart',
    'access',
    'documentation',
    'administration',
    'audit',
  ],
  process: ['platform', 'users', 'administration', 'application'],
  cli: [
    'platform',
    'users',
    'clients',
    'oauth2',
    'fhir',
    'access',
    'administration',
    'application',
    'process',
  ],
};

/**
 * What stands in a module or a folder, from the ground up: each may import those before it and none behind, so that
 * nothing points up and no folders import each other in a circle. A name without an ending is a folder; test/unit holds
 * that none is left out.
 */
const floors = {
  fhir: [
    'definitions',
    'format',
    'outcome',
    'search',
    'validation',
    'storage',
    'search-parameters',
    'terminology',
    'exchange',
    'reindex',
    'passage',
    'interactions',
    'resources',
    'operations',
    'capability',
    'dispatch',
    'bundles',
    'review',
    'http',
    'fhir-extension.module.ts',
    'fhir.module.ts',
    'index.ts',
  ],
};

module.exports = { modules, floors };
