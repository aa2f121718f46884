import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { Optional, OptionalOrNull } from '../http/validation.js';
import { SetupFailureDto } from './setup-failure.dto.js';
import { VersionedDto } from '../http/versioned.dto.js';

const nextActions = ['Dynamic Registration and Save', 'Get Update Metadata and Save'] as const;
const statuses = ['not-registered', 'registered', 'drifted'] as const;

export class ClientConfigurationChangesDto {
  @ApiPropertyOptional({ description: 'As the application name where it is absent.' })
  @Optional()
  @IsString()
  @MaxLength(255)
  clientName?: string;

  @ApiPropertyOptional()
  @Optional()
  @IsString()
  @MaxLength(1000)
  description?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Name of a TLS configuration; null: that of the server description.',
  })
  @OptionalOrNull()
  @IsString()
  @MaxLength(64)
  tls?: string | null;

  @ApiPropertyOptional({
    description: 'Issuer of a server description. Changes only while it is not registered.',
    example: 'https://as.example.org/oauth2',
  })
  @Optional()
  @IsString()
  @MaxLength(2048)
  issuer?: string;
}

export class ClientConfigurationInputDto extends ClientConfigurationChangesDto {
  @ApiProperty({
    description: 'Endpoints name it as their OAuth client name. Never changes.',
    example: 'FHIRResource',
  })
  @IsString()
  @MaxLength(128)
  applicationName!: string;

  @ApiProperty({ description: 'Issuer of a server description.', example: 'https://as.example.org/oauth2' })
  @IsString()
  @MaxLength(2048)
  declare issuer: string;

  @ApiPropertyOptional({ enum: ['resource_server'], default: 'resource_server' })
  @Optional()
  @IsIn(['resource_server'])
  clientType?: 'resource_server';
}

export class MetadataDriftDto {
  @ApiProperty()
  member!: string;

  @ApiProperty({ type: Object, description: 'What this server would send.' })
  ours!: unknown;

  @ApiPropertyOptional({ type: Object, description: 'What the other server has.' })
  theirs?: unknown;
}

/** This server as a client of an authorization server. The client secret is stored encrypted and never shown. */
export class ClientConfigurationDto extends VersionedDto {
  @ApiProperty({ example: 'FHIRResource' })
  applicationName!: string;

  @ApiProperty()
  clientName!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({ enum: ['resource_server'] })
  clientType!: 'resource_server';

  @ApiProperty()
  issuer!: string;

  @ApiProperty({ type: String, nullable: true })
  tls!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'As the other server gave it; null: not registered.',
  })
  clientId!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds since the epoch; null: never.' })
  clientSecretExpiresAt!: number | null;

  @ApiProperty({ type: String, nullable: true })
  registrationClientUri!: string | null;

  @ApiProperty({
    type: Object,
    nullable: true,
    description: 'As the other server last gave them, without secrets.',
  })
  metadata!: Readonly<Record<string, unknown>> | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds since the epoch.' })
  registeredAt!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'When the metadata were last read.' })
  metadataAt!: number | null;

  @ApiProperty({ enum: statuses })
  status!: (typeof statuses)[number];

  @ApiProperty({ enum: nextActions, description: 'What `perform` does next.' })
  nextAction!: (typeof nextActions)[number];

  @ApiProperty({ type: [MetadataDriftDto] })
  drift!: readonly MetadataDriftDto[];

  @ApiProperty({ type: [String], description: 'Members that the other server ignores.' })
  unsupported!: readonly string[];

  @ApiProperty({ type: [String], description: 'Endpoints whose OAuth client name this is.' })
  endpoints!: readonly string[];

  @ApiProperty({ description: 'Whether a registration in the background is waiting.' })
  pending!: boolean;

  @ApiProperty({ type: SetupFailureDto, nullable: true })
  failure!: SetupFailureDto | null;
}

export class ClientConfigurationListDto {
  @ApiProperty({ type: [ClientConfigurationDto], description: 'By application name.' })
  items!: ClientConfigurationDto[];
}

export class RemovedClientConfigurationDto {
  @ApiProperty({ description: 'Whether the registration at the other server ended too.' })
  deregistered!: boolean;

  @ApiPropertyOptional({ description: 'Why it stays registered there.' })
  failure?: string;
}
