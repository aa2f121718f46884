import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One field that is wrong. */
export class FieldProblem {
  @ApiProperty({
    description: 'Name of the field, with the path to it where it is nested.',
    example: 'redirectUris',
  })
  field!: string;

  @ApiProperty({ example: 'authorization_code needs at least one redirect URI.' })
  message!: string;
}

/** RFC 9457 problem details, as every error of this API. */
export class Problem {
  @ApiProperty({ example: 'about:blank' })
  type!: string;

  @ApiProperty({ example: 'invalid' })
  title!: string;

  @ApiProperty({ example: 400 })
  status!: number;

  @ApiProperty({ description: 'Stable; docs/errors.md has its remedy.', example: 'CLIENTS_INVALID' })
  code!: string;

  @ApiProperty({ description: 'What is wrong and what to do, in a sentence.' })
  detail!: string;

  @ApiProperty({ description: 'The same as in the log and in X-Request-Id.' })
  requestId!: string;

  @ApiPropertyOptional({ description: 'Of the recorded refusal: see /refusals/{reference}.' })
  reference?: string;

  @ApiPropertyOptional({ type: [FieldProblem] })
  errors?: FieldProblem[];
}
