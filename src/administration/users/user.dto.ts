import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsString, MaxLength } from 'class-validator';
import { roles, type Role } from '../../users/index.js';
import { Optional, OptionalOrNull } from '../http/validation.js';
import { VersionedDto } from '../http/versioned.dto.js';

const fhirUserHelp = 'Whom the account stands for: `Practitioner/alice`, or an absolute URL.';

export class UserChangesDto {
  @ApiPropertyOptional({ enum: roles, isArray: true })
  @Optional()
  @IsArray()
  @ArrayMaxSize(roles.length)
  @IsIn(roles, { each: true })
  roles?: Role[];

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: fhirUserHelp,
    example: 'Practitioner/alice',
  })
  @OptionalOrNull()
  @IsString()
  @MaxLength(255)
  fhirUser?: string | null;

  @ApiPropertyOptional({ description: 'A disabled account is refused everywhere.' })
  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

export class PasswordDto {
  @ApiProperty({ description: 'At least 8 characters, at most 512 bytes.', format: 'password' })
  @IsString()
  @MaxLength(512)
  password!: string;
}

export class UserInputDto extends UserChangesDto {
  @ApiProperty({
    description:
      'ASCII letters, digits and . _ @ + -; case-sensitive. Never changes, and is never given out again.',
    example: 'alice',
  })
  @IsString()
  @MaxLength(64)
  username!: string;

  @ApiProperty({ description: 'At least 8 characters, at most 512 bytes.', format: 'password' })
  @IsString()
  @MaxLength(512)
  password!: string;
}

export class UserDto extends VersionedDto {
  @ApiProperty()
  id!: number;

  @ApiProperty({ example: 'alice' })
  username!: string;

  @ApiProperty({ enum: roles, isArray: true })
  roles!: string[];

  @ApiProperty({ type: String, nullable: true, description: fhirUserHelp })
  fhirUser!: string | null;

  @ApiProperty()
  enabled!: boolean;
}

export class UserPageDto {
  @ApiProperty({ type: [UserDto] })
  items!: UserDto[];

  @ApiProperty({ type: String, nullable: true, description: 'For `after`; null: this is the last page.' })
  next!: string | null;
}
