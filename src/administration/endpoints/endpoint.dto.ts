import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { checkModes, type CheckMode } from '../../endpoints/index.js';
import { Optional, OptionalOrNull } from '../http/validation.js';
import { VersionedDto } from '../http/versioned.dto.js';

const help = {
  checkMode: 'What a request must bring.',
  oauthClientName:
    'Application name of the client configuration whose issuer is trusted; null: this server’s own issuer.',
  accessTokenLifetime:
    'Seconds that an access token of this server for the endpoint lives at the most, 60 to 3600; of this and the lifetime of the client the shorter counts. Null: that of the client.',
};

export class EndpointChangesDto {
  @ApiPropertyOptional({ enum: checkModes, description: help.checkMode })
  @Optional()
  @IsIn([...checkModes])
  checkMode?: CheckMode;

  @ApiPropertyOptional({ type: String, nullable: true, description: help.oauthClientName })
  @OptionalOrNull()
  @IsString()
  @MaxLength(128)
  oauthClientName?: string | null;

  @ApiPropertyOptional({ type: Number, nullable: true, description: help.accessTokenLifetime })
  @OptionalOrNull()
  @IsInt()
  @Min(60)
  @Max(3600)
  accessTokenLifetime?: number | null;

  @ApiPropertyOptional({ example: 'default' })
  @Optional()
  @IsString()
  @MaxLength(64)
  repository?: string;

  @ApiPropertyOptional({ description: 'A disabled endpoint answers 404.', default: true })
  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

export class EndpointInputDto extends EndpointChangesDto {
  @ApiProperty({ example: '/fhir/r4', description: 'Never changes: stored links carry it.' })
  @IsString()
  @MaxLength(200)
  path!: string;

  @ApiProperty({ enum: checkModes, description: help.checkMode })
  @IsIn([...checkModes])
  declare checkMode: CheckMode;
}

export class EndpointDto extends VersionedDto {
  @ApiProperty({ example: '/fhir/r4' })
  path!: string;

  @ApiProperty({ description: 'The audience of its tokens.', example: 'https://fhir.example.org/fhir/r4' })
  base!: string;

  @ApiProperty({ example: 'default' })
  repository!: string;

  @ApiProperty({ enum: checkModes, description: help.checkMode })
  checkMode!: CheckMode;

  @ApiProperty({ type: String, nullable: true, description: help.oauthClientName })
  oauthClientName!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: help.accessTokenLifetime })
  accessTokenLifetime!: number | null;

  @ApiProperty()
  enabled!: boolean;

  @ApiProperty({
    description: 'Whether the OAuth client name is no application name: every token is refused.',
  })
  dangling!: boolean;

  @ApiProperty({
    type: [String],
    description: 'Why it does not answer or refuses every token; empty: all is well.',
  })
  problems!: string[];
}

export class EndpointListDto {
  @ApiProperty({ type: [EndpointDto], description: 'All of them; there are at most 200.' })
  items!: EndpointDto[];
}
