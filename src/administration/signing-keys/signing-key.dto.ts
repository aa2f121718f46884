import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { Optional } from '../http/validation.js';

export class RotationDto {
  @ApiPropertyOptional({
    default: false,
    description:
      'A key has leaked: the new keys sign at once, and what the old ones signed is no longer good. Otherwise the new ones sign after an hour, and the old ones stay published for a day.',
  })
  @Optional()
  @IsBoolean()
  compromised?: boolean;
}

export class SigningKeyDto {
  @ApiProperty()
  kid!: string;

  @ApiProperty({ example: 'RS256' })
  alg!: string;

  @ApiProperty({
    enum: ['next', 'signing', 'verifying'],
    description: 'Published ahead, signing now, or only verifying what it has signed.',
  })
  state!: 'next' | 'signing' | 'verifying';

  @ApiProperty({ description: 'When it begins to sign, milliseconds.' })
  activeFrom!: number;
}

export class SigningKeyListDto {
  @ApiProperty({ type: [SigningKeyDto] })
  items!: readonly SigningKeyDto[];
}
