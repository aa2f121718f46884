import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { Optional } from '../http/validation.js';

const help = {
  endpoint: 'Base URL or path of the FHIR endpoint; the default endpoint where it is absent.',
  fhirContext:
    'Further resources in context, as SMART App Launch describes them: each with `reference`, `canonical` or ' +
    '`identifier`, and `type` and `role`.',
  patient: 'Id of the Patient in context. The user must be one who may see it.',
  encounter: 'Id of an Encounter of the patient.',
  intent: 'What the app shall do first, by a name that it knows.',
};

export class LaunchInputDto {
  @ApiProperty({ description: 'Who is let in; nobody else can use it.', example: 'alice' })
  @IsString()
  @MaxLength(128)
  username!: string;

  @ApiProperty({ description: 'The app: a client with the scope `launch`.', example: 'growth-app' })
  @IsString()
  @MaxLength(128)
  clientId!: string;

  @ApiPropertyOptional({ description: help.endpoint, example: '/fhir/r4' })
  @Optional()
  @IsString()
  @MaxLength(512)
  endpoint?: string;

  @ApiPropertyOptional({ description: help.patient, example: 'example-patient' })
  @Optional()
  @IsString()
  patient?: string;

  @ApiPropertyOptional({ description: help.encounter })
  @Optional()
  @IsString()
  encounter?: string;

  @ApiPropertyOptional({
    type: [Object],
    description: help.fhirContext,
    example: [{ reference: 'ImagingStudy/17' }],
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsObject({ each: true })
  fhirContext?: object[];

  @ApiPropertyOptional({ description: help.intent })
  @Optional()
  @IsString()
  intent?: string;

  @ApiPropertyOptional({ description: 'Whether the app shows whose data it shows.' })
  @Optional()
  @IsBoolean()
  needPatientBanner?: boolean;

  @ApiPropertyOptional({ description: 'Where colours and sizes for the app are (SMART styling).' })
  @Optional()
  @IsString()
  smartStyleUrl?: string;

  @ApiPropertyOptional()
  @Optional()
  @IsString()
  tenant?: string;

  @ApiPropertyOptional({ description: 'Seconds that it is good for.', default: 300, maximum: 3600 })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(3600)
  ttl?: number;
}

export class LaunchDto {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  username!: string;

  @ApiProperty()
  clientId!: string;

  @ApiProperty({ description: 'What the app is told as `iss`.', example: 'https://fhir.example.org/fhir/r4' })
  iss!: string;

  @ApiProperty({ type: Object, description: 'The context, by the names of the token response.' })
  context!: object;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  createdAt!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  expiresAt!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds since the epoch; null: not yet.' })
  usedAt!: number | null;
}

export class NewLaunchDto extends LaunchDto {
  @ApiProperty({ description: 'The handle, shown this once: only its hash is stored.' })
  launch!: string;
}

export class LaunchListDto {
  @ApiProperty({ type: [LaunchDto], description: 'Newest first, at most 1000.' })
  items!: LaunchDto[];
}
