import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** Why the last attempt in the background came to nothing. */
export class SetupFailureDto {
  @ApiPropertyOptional({ description: 'How far it came.', example: 'tls' })
  stage?: string;

  @ApiProperty()
  message!: string;

  @ApiProperty()
  attempts!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  at!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  nextAttemptAt!: number;
}
