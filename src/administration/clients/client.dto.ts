import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsObject, IsString, MaxLength } from 'class-validator';
import {
  authMethods,
  clientTypes,
  grantTypes,
  type ClientType,
  type GrantType,
  type JsonWebKeySet,
  type TokenEndpointAuthMethod,
} from '../../clients/index.js';
import { Optional, OptionalOrNull } from '../http/validation.js';
import { VersionedDto } from '../http/versioned.dto.js';

const help = {
  clientType: '`public` has no secret; `resource_server` introspects tokens for its base URLs.',
  redirectUris: 'Compared exactly. https, http on loopback, or a private-use scheme with a dot.',
  scope: 'Upper bound of what it may ask for, separated by spaces.',
  resource: 'Base URLs of a resource server; only tokens for them are shown to it.',
  jwks: 'Public keys (RFC 7517), for `private_key_jwt`.',
  jwksUri: 'Where they are, instead of `jwks`.',
  pkceRequired: 'Only a confidential client can be exempted.',
  firstParty:
    'Belongs to this server: nobody is asked for consent, and it may be granted the scope `admin`. Of a client that registered itself only together with the redirect URIs that it is to have, which are approved by that.',
  metadata:
    'Further RFC 7591 metadata. Heeded here: dpop_bound_access_tokens, require_pushed_authorization_requests, require_signed_request_object, token_endpoint_auth_signing_alg, backchannel_logout_uri, backchannel_logout_session_required; access_token_lifetime (60 to 3600 s) and refresh_token_lifetime (60 s to a year, counted from the last use); of a resource server access_token_format, access_token_signing_alg and resource_token_lifetimes (by base URL: 60 to 3600 s).',
};

export class ClientChangesDto {
  @ApiPropertyOptional({ example: 'Growth chart', description: 'Shown on the consent page.' })
  @Optional()
  @IsString()
  @MaxLength(200)
  clientName?: string;

  @ApiPropertyOptional({ type: String, nullable: true })
  @OptionalOrNull()
  @IsString()
  @MaxLength(1000)
  description?: string | null;

  @ApiPropertyOptional({ enum: authMethods })
  @Optional()
  @IsIn(authMethods)
  tokenEndpointAuthMethod?: TokenEndpointAuthMethod;

  @ApiPropertyOptional({
    type: [String],
    description: help.redirectUris,
    example: ['http://localhost:9000/callback'],
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  redirectUris?: string[];

  @ApiPropertyOptional({ type: [String], description: 'Where a logout may lead back to.' })
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  postLogoutRedirectUris?: string[];

  @ApiPropertyOptional({ enum: grantTypes, isArray: true })
  @Optional()
  @IsArray()
  @ArrayMaxSize(grantTypes.length)
  @IsIn(grantTypes, { each: true })
  grantTypes?: GrantType[];

  @ApiPropertyOptional({ description: help.scope, example: 'openid fhirUser offline_access patient/*.rs' })
  @Optional()
  @IsString()
  @MaxLength(4096)
  scope?: string;

  @ApiPropertyOptional({ type: [String], description: help.resource })
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  resource?: string[];

  @ApiPropertyOptional({ type: Object, nullable: true, description: help.jwks })
  @OptionalOrNull()
  @IsObject()
  jwks?: JsonWebKeySet | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: help.jwksUri })
  @OptionalOrNull()
  @IsString()
  @MaxLength(2048)
  jwksUri?: string | null;

  @ApiPropertyOptional({ default: true, description: help.pkceRequired })
  @Optional()
  @IsBoolean()
  pkceRequired?: boolean;

  @ApiPropertyOptional({ default: false, description: help.firstParty })
  @Optional()
  @IsBoolean()
  firstParty?: boolean;

  @ApiPropertyOptional({ default: true })
  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({ type: Object, description: help.metadata })
  @Optional()
  @IsObject()
  metadata?: Record<string, unknown>;
}

export class ClientInputDto extends ClientChangesDto {
  @ApiPropertyOptional({
    description: 'Generated where it is absent. Never the name of a user.',
    example: 'growth-app',
  })
  @Optional()
  @IsString()
  @MaxLength(128)
  clientId?: string;

  @ApiPropertyOptional({ enum: clientTypes, description: help.clientType })
  @Optional()
  @IsIn(clientTypes)
  clientType?: ClientType;

  @ApiPropertyOptional({
    description: '12 to 512 characters. Better left out: then one of 256 random bits is generated.',
    format: 'password',
  })
  @Optional()
  @IsString()
  @MaxLength(512)
  clientSecret?: string;
}

export class ClientDto extends VersionedDto {
  @ApiProperty({ example: 'growth-app' })
  clientId!: string;

  @ApiProperty()
  clientName!: string;

  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ enum: clientTypes, description: help.clientType })
  clientType!: ClientType;

  @ApiProperty({ enum: authMethods })
  tokenEndpointAuthMethod!: TokenEndpointAuthMethod;

  @ApiProperty({ type: [String], description: help.redirectUris })
  redirectUris!: string[];

  @ApiProperty({ type: [String] })
  postLogoutRedirectUris!: string[];

  @ApiProperty({ enum: grantTypes, isArray: true })
  grantTypes!: GrantType[];

  @ApiProperty({ description: help.scope })
  scope!: string;

  @ApiProperty({ type: [String], description: help.resource })
  resource!: string[];

  @ApiProperty({ type: Object, nullable: true, description: help.jwks })
  jwks!: JsonWebKeySet | null;

  @ApiProperty({ type: String, nullable: true, description: help.jwksUri })
  jwksUri!: string | null;

  @ApiProperty({ description: help.pkceRequired })
  pkceRequired!: boolean;

  @ApiProperty({ description: help.firstParty })
  firstParty!: boolean;

  @ApiProperty()
  dynamicallyRegistered!: boolean;

  @ApiProperty({
    description:
      'An administrator has made or changed it: what it has here is the most that it may register itself.',
  })
  administered!: boolean;

  @ApiProperty()
  enabled!: boolean;

  @ApiProperty({ description: 'Whether a secret is stored; only its hash is.' })
  hasSecret!: boolean;

  @ApiProperty({ type: Object, description: help.metadata })
  metadata!: Readonly<Record<string, unknown>>;
}

export class CreatedClientDto extends ClientDto {
  @ApiPropertyOptional({ description: 'Generated, and shown this once: only its hash is stored.' })
  clientSecret?: string;
}

export class ClientSecretDto {
  @ApiProperty()
  clientId!: string;

  @ApiProperty({ description: 'Shown this once: only its hash is stored.' })
  clientSecret!: string;

  @ApiProperty({ description: 'Of the client, after the change.' })
  version!: number;
}

/** Long key sets and registered metadata are left to the single client. */
export class ClientSummaryDto extends OmitType(ClientDto, ['jwks', 'metadata'] as const) {}

export class ClientPageDto {
  @ApiProperty({ type: [ClientSummaryDto] })
  items!: ClientSummaryDto[];

  @ApiProperty({ type: String, nullable: true, description: 'For `after`; null: this is the last page.' })
  next!: string | null;
}
