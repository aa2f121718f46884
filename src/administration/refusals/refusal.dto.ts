import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { Optional } from '../http/validation.js';

export class RefusalQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 200, default: 50 })
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @ApiPropertyOptional({ description: 'Older than this: `next` of the page before.' })
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  before?: number;
}

export class RefusedTokenDto {
  @ApiProperty()
  isUserToken!: boolean;

  @ApiProperty({ type: [String] })
  scopes!: readonly string[];

  @ApiProperty({ type: [String] })
  audience!: readonly string[];

  @ApiProperty({ type: String, nullable: true, description: 'Patient in context.' })
  patient!: string | null;
}

export class TrailEntryDto {
  @ApiProperty({ example: 'audience' })
  check!: string;

  @ApiProperty({ enum: ['passed', 'not-applicable', 'failed', 'not-reached'] })
  result!: 'passed' | 'not-applicable' | 'failed' | 'not-reached';
}

/** What a check asked for, and what to do about it. */
export class FailureDto {
  @ApiProperty()
  expected!: string;

  @ApiProperty()
  actual!: string;

  @ApiProperty({ description: 'What to change.' })
  remedy!: string;

  @ApiProperty({ description: 'The setting or object to look at.' })
  setting!: string;
}

/** Why a request was refused. It never has a password, a token or a query string. */
export class RefusalDto extends FailureDto {
  @ApiProperty({ description: 'The reference id in the answer that the caller got.' })
  reference!: string;

  @ApiProperty({ description: 'The check that failed.', example: 'audience' })
  check!: string;

  @ApiProperty({ type: [TrailEntryDto], description: 'Every check in its order.' })
  trail!: readonly TrailEntryDto[];

  @ApiProperty({ description: 'Category of the answer.', example: 'unauthenticated' })
  status!: string;

  @ApiProperty({ description: 'Base URL.' })
  endpoint!: string;

  @ApiProperty({ example: 'bearer' })
  mode!: string;

  @ApiProperty({ example: 'GET' })
  method!: string;

  @ApiProperty({ description: 'Without the query.' })
  path!: string;

  @ApiProperty({ type: String, nullable: true })
  subject!: string | null;

  @ApiProperty({ type: String, nullable: true })
  clientId!: string | null;

  @ApiProperty()
  address!: string;

  @ApiProperty({
    type: RefusedTokenDto,
    nullable: true,
    description: 'What the token said; null: none was brought, or it was not verified.',
  })
  token!: RefusedTokenDto | null;

  @ApiProperty({ description: 'Equal refusals within a minute are one, counted.' })
  times!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  firstAt!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  lastAt!: number;
}

export class RefusalPageDto {
  @ApiProperty({ type: [RefusalDto], description: 'Newest first.' })
  items!: RefusalDto[];

  @ApiProperty({ type: Number, nullable: true, description: 'For `before`; null: this is the last page.' })
  next!: number | null;
}
