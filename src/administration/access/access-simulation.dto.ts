import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Length, Matches, MaxLength } from 'class-validator';
import { Optional } from '../http/validation.js';
import { FailureDto } from '../refusals/refusal.dto.js';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export class AccessSimulationInput {
  @ApiPropertyOptional({
    description:
      'Reference of a refusal: caller, endpoint and request are taken from it as far as they are not given. The token itself is nowhere.',
    example: 'kx3m9aq7tz2wvb5c',
  })
  @Optional()
  @IsString()
  @Length(1, 64)
  refusal?: string;

  @ApiPropertyOptional({ description: 'Who asks; absent: a client without a user.', example: 'alice' })
  @Optional()
  @IsString()
  @Length(1, 64)
  username?: string;

  @ApiPropertyOptional({ description: 'Client of the token.', example: 'growth-app' })
  @Optional()
  @IsString()
  @Length(1, 128)
  clientId?: string;

  @ApiPropertyOptional({
    description:
      'Scopes of the token, parted by spaces; absent: those that the client may ask for, or no token.',
    example: 'patient/*.rs',
  })
  @Optional()
  @IsString()
  @MaxLength(10_000)
  scope?: string;

  @ApiPropertyOptional({ description: 'Id of the patient in context.', example: 'p1' })
  @Optional()
  @Matches(/^[A-Za-z0-9\-.]{1,64}$/)
  patient?: string;

  @ApiPropertyOptional({ description: 'Path of the endpoint; absent: the default one.', example: '/fhir/r4' })
  @Optional()
  @IsString()
  @Length(1, 200)
  endpoint?: string;

  @ApiPropertyOptional({ enum: methods, default: 'GET' })
  @Optional()
  @IsIn(methods)
  method?: string;

  @ApiPropertyOptional({
    description: 'Below the base of the endpoint; needed without a refusal.',
    example: 'Observation?code=1234-5',
  })
  @Optional()
  @IsString()
  @Length(1, 8_000)
  url?: string;

  @ApiPropertyOptional({ description: 'Type of the body, where it is not the type of the address.' })
  @Optional()
  @Matches(/^[A-Z][A-Za-z]{1,63}$/)
  resourceType?: string;

  @ApiPropertyOptional({ description: 'Criteria of a conditional create.' })
  @Optional()
  @IsString()
  @MaxLength(8_000)
  ifNoneExist?: string;
}

export class SimulatedCheckDto {
  @ApiProperty({ example: 'audience' })
  check!: string;

  @ApiProperty({
    enum: ['passed', 'not-applicable', 'failed', 'assumed', 'not-reached'],
    description: '`assumed`: the check is of a password or token, of which there is none here.',
  })
  result!: 'passed' | 'not-applicable' | 'failed' | 'assumed' | 'not-reached';

  @ApiProperty({ type: FailureDto, nullable: true })
  failure!: FailureDto | null;
}

export class ReachDto {
  @ApiProperty({ type: [String] })
  types!: readonly string[];

  @ApiProperty({ enum: ['all', 'some', 'none'] })
  access!: 'all' | 'some' | 'none';

  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'string' } },
    description:
      'Of `some`: all criteria of one of the lists must hold. A criterion is a search, or a compartment.',
    example: [['in the compartment of Patient/p1', 'category=laboratory']],
  })
  anyOf!: readonly (readonly string[])[];
}

export class AccessSimulationDto {
  @ApiProperty({ description: 'Whether the request would be carried out, on what `reach` leaves.' })
  allowed!: boolean;

  @ApiProperty({ description: 'Base URL of the endpoint.' })
  endpoint!: string;

  @ApiProperty({ example: 'bearer' })
  mode!: string;

  @ApiProperty({ example: 'search-type' })
  interaction!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null: no single type.' })
  resourceType!: string | null;

  @ApiProperty({ type: [String], description: 'Scopes that are assumed.' })
  scopes!: readonly string[];

  @ApiProperty({ type: [SimulatedCheckDto], description: 'Every check in its order.' })
  checks!: readonly SimulatedCheckDto[];

  @ApiProperty({
    type: [ReachDto],
    description:
      'What the request would reach, type by type; the rest is as if it were not there. Of a search, every type, for includes and chains.',
  })
  reach!: readonly ReachDto[];
}
