import type { ClientInput } from '../../clients/index.js';
import type { EndpointInput } from '../../endpoints/index.js';
import type {
  ClientConfigurationInput,
  ServerDescriptionInput,
  TlsConfigurationFiles,
} from '../../trust/index.js';
import type { RoleInput, UserChanges } from '../../users/index.js';

/** A user as in the file; the password is needed to create it, and not looked at afterwards. */
export type BootstrapUser = UserChanges & { readonly username: string; readonly password?: string };

export type BootstrapClient = ClientInput & { readonly clientId: string };

/** What the file says, with the variables of the environment in it. */
export interface BootstrapFile {
  readonly roles: readonly RoleInput[];
  readonly users: readonly BootstrapUser[];
  readonly clients: readonly BootstrapClient[];
  readonly tlsConfigurations: readonly TlsConfigurationFiles[];
  readonly serverDescriptions: readonly ServerDescriptionInput[];
  readonly clientConfigurations: readonly ClientConfigurationInput[];
  readonly endpoints: readonly EndpointInput[];
}

export type BootstrapSection = keyof BootstrapFile;

type Kind = 'text' | 'texts' | 'flag' | 'number' | 'object' | 'objects';

export interface BootstrapField {
  readonly kind: Kind;
  readonly required?: boolean;
  /** Whether null, too, says something. */
  readonly nullable?: boolean;
  /** Name of the member that the services know it by. */
  readonly as?: string;
}

interface SectionRule {
  /** The member by which an entry is found again. */
  readonly key: string;
  readonly fields: Readonly<Record<string, BootstrapField>>;
}

const text: BootstrapField = { kind: 'text' };
const textOrNull: BootstrapField = { kind: 'text', nullable: true };
const texts: BootstrapField = { kind: 'texts' };
const flag: BootstrapField = { kind: 'flag' };
const name: BootstrapField = { kind: 'text', required: true };

/** Every key that the file may have. */
export const sectionRules: Readonly<Record<BootstrapSection, SectionRule>> = {
  roles: { key: 'name', fields: { name, description: text, rules: { kind: 'objects' } } },
  users: {
    key: 'username',
    fields: { username: name, password: text, roles: texts, fhirUser: textOrNull, enabled: flag },
  },
  clients: {
    key: 'clientId',
    fields: {
      clientId: name,
      clientSecret: text,
      clientName: text,
      description: text,
      clientType: text,
      tokenEndpointAuthMethod: text,
      redirectUris: texts,
      postLogoutRedirectUris: texts,
      grantTypes: texts,
      scope: text,
      resource: texts,
      jwks: { kind: 'object', nullable: true },
      jwksUri: textOrNull,
      pkceRequired: flag,
      firstParty: flag,
      metadata: { kind: 'object' },
      enabled: flag,
    },
  },
  tlsConfigurations: {
    key: 'name',
    fields: { name, caFile: text, certFile: text, keyFile: text, minVersion: text },
  },
  serverDescriptions: {
    key: 'issuer',
    fields: { issuer: name, tls: textOrNull, initialAccessToken: text },
  },
  clientConfigurations: {
    key: 'applicationName',
    fields: {
      applicationName: name,
      issuer: name,
      clientName: text,
      description: text,
      clientType: text,
      tls: textOrNull,
    },
  },
  endpoints: {
    key: 'path',
    fields: {
      path: name,
      repository: text,
      checks: { kind: 'text', required: true, as: 'checkMode' },
      oauthClientName: textOrNull,
      accessTokenLifetime: { kind: 'number', nullable: true },
      enabled: flag,
    },
  },
};
