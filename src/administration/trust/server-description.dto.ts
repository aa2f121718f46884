import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { Optional, OptionalOrNull } from '../http/validation.js';
import { SetupFailureDto } from './setup-failure.dto.js';
import { VersionedDto } from '../http/versioned.dto.js';

const help = {
  issuer: 'Issuer identifier, without what stands behind it in the address of its metadata.',
  tls: 'Name of a TLS configuration; null: the defaults; absent: as stored.',
  token: 'For registering there. Stored encrypted, never shown. null: none; absent: as stored.',
  digest: '`digest` of the preview that was looked at: anything else that the server says now is refused.',
};

export class DiscoverDto {
  @ApiProperty({ description: help.issuer, example: 'https://as.example.org/oauth2' })
  @IsString()
  @MaxLength(2048)
  issuer!: string;

  @ApiPropertyOptional({ type: String, nullable: true, description: help.tls })
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  tls?: string | null;
}

export class ServerDescriptionChangesDto {
  @ApiPropertyOptional({ type: String, nullable: true, description: help.tls })
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  tls?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: help.token, format: 'password' })
  @OptionalOrNull()
  @IsString()
  @MaxLength(4096)
  initialAccessToken?: string | null;
}

/** Discover again and save. */
export class ServerDescriptionSaveDto extends ServerDescriptionChangesDto {
  @ApiPropertyOptional({ description: help.digest })
  @Optional()
  @IsString()
  @MaxLength(128)
  digest?: string;
}

export class ServerDescriptionInputDto extends ServerDescriptionSaveDto {
  @ApiProperty({ description: help.issuer, example: 'https://as.example.org/oauth2' })
  @IsString()
  @MaxLength(2048)
  issuer!: string;
}

export class MetadataDifferenceDto {
  @ApiProperty({ example: 'token_endpoint' })
  member!: string;

  @ApiProperty({ enum: ['added', 'removed', 'changed'] })
  change!: 'added' | 'removed' | 'changed';

  @ApiPropertyOptional({ type: Object })
  before?: unknown;

  @ApiPropertyOptional({ type: Object })
  after?: unknown;
}

export class ExistingDescriptionDto {
  @ApiProperty()
  id!: number;

  @ApiProperty()
  version!: number;
}

/** What discovery found. Nothing is stored. */
export class DiscoveryPreviewDto {
  @ApiProperty()
  issuer!: string;

  @ApiProperty({ type: String, nullable: true })
  tls!: string | null;

  @ApiProperty({ type: [String], description: 'Addresses of the documents that were read.' })
  sources!: readonly string[];

  @ApiProperty({ type: Object, description: 'RFC 8414 and OpenID metadata.' })
  metadata!: Readonly<Record<string, unknown>>;

  @ApiProperty({ description: help.digest })
  digest!: string;

  @ApiProperty({
    type: ExistingDescriptionDto,
    nullable: true,
    description: 'The stored one; null: there is none.',
  })
  existing!: ExistingDescriptionDto | null;

  @ApiProperty({ type: [MetadataDifferenceDto], description: 'Against what is stored.' })
  difference!: readonly MetadataDifferenceDto[];

  @ApiProperty({ type: [String] })
  warnings!: readonly string[];
}

/** An authorization server that this server may register with and trust. */
export class ServerDescriptionDto extends VersionedDto {
  @ApiProperty()
  id!: number;

  @ApiProperty({ example: 'https://as.example.org/oauth2' })
  issuer!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Name of a TLS configuration; null: the defaults.',
  })
  tls!: string | null;

  @ApiProperty()
  hasInitialAccessToken!: boolean;

  @ApiProperty({ type: Object, nullable: true, description: 'null: not discovered yet.' })
  metadata!: Readonly<Record<string, unknown>> | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds since the epoch.' })
  discoveredAt!: number | null;

  @ApiProperty({ description: 'Whether it is this server’s own issuer.' })
  own!: boolean;

  @ApiProperty({ type: [String], description: 'Application names of the client configurations there.' })
  usedBy!: readonly string[];

  @ApiProperty({ type: SetupFailureDto, nullable: true, description: 'Of the attempts in the background.' })
  failure!: SetupFailureDto | null;
}

export class ServerDescriptionListDto {
  @ApiProperty({ type: [ServerDescriptionDto], description: 'By issuer.' })
  items!: ServerDescriptionDto[];
}
