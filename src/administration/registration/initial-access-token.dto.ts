import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { registrable, type Registrable } from '../../oauth2/index.js';
import { Optional, OptionalOrNull } from '../http/validation.js';

const help = {
  registers: '`apps`: whatever people or programs use; `resource-servers`: those alone.',
  baseUrls:
    'Of `resource-servers`, which need 1 to 50: they, and what lies below them, may be registered. None for `apps`.',
  scope: 'Upper bound of what registered clients may ask for; null: everything but `system/` and `admin`.',
  uses: 'Registrations; null: any number.',
};

export class InitialAccessTokenInputDto {
  @ApiPropertyOptional({ description: 'What it is for.' })
  @Optional()
  @IsString()
  @MaxLength(255)
  description?: string;

  @ApiPropertyOptional({ enum: registrable, default: 'apps', description: help.registers })
  @Optional()
  @IsIn(registrable)
  registers?: Registrable;

  @ApiPropertyOptional({
    type: [String],
    description: help.baseUrls,
    example: ['https://fhir.example.org'],
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  baseUrls?: string[];

  @ApiPropertyOptional({ type: String, nullable: true, description: help.scope })
  @OptionalOrNull()
  @IsString()
  @MaxLength(4096)
  scope?: string | null;

  @ApiPropertyOptional({
    type: Number,
    nullable: true,
    description: help.uses,
    minimum: 1,
    maximum: 1_000_000,
  })
  @OptionalOrNull()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  uses?: number | null;

  @ApiPropertyOptional({ description: 'Seconds that it is good for.', default: 86_400, maximum: 31_536_000 })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(31_536_000)
  ttl?: number;
}

export class InitialAccessTokenDto {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({ enum: registrable, description: help.registers })
  registers!: Registrable;

  @ApiProperty({ type: [String], description: help.baseUrls })
  baseUrls!: readonly string[];

  @ApiProperty({ type: String, nullable: true, description: help.scope })
  scope!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: `${help.uses} Counts down.` })
  usesLeft!: number | null;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  createdAt!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  expiresAt!: number;
}

export class NewInitialAccessTokenDto extends InitialAccessTokenDto {
  @ApiProperty({ description: 'Shown this once: only its hash is stored.' })
  token!: string;
}

export class InitialAccessTokenListDto {
  @ApiProperty({ type: [InitialAccessTokenDto], description: 'Newest first, at most 1000.' })
  items!: InitialAccessTokenDto[];
}
