import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsString, MaxLength } from 'class-validator';
import { roles } from '../../users/index.js';
import { Optional, OptionalOrNull } from '../http/validation.js';
import { VersionedDto } from '../http/versioned.dto.js';

const rolesHelp = `Built-in roles (${roles.join(', ')}) and those that are defined.`;
const fhirUserHelp = 'Whom the account stands for: `Practitioner/alice`, or an absolute URL.';

export class UserChangesDto {
  @ApiPropertyOptional({ type: [String], description: rolesHelp, example: ['practitioner'] })
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  roles?: string[];

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

  @ApiProperty({ type: [String], description: rolesHelp })
  roles!: string[];

  @ApiProperty({ type: String, nullable: true, description: fhirUserHelp })
  fhirUser!: string | null;

  @ApiProperty({ description: 'Here; a user of a source must be active there, too.' })
  enabled!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'Source that the account comes from, which an extension has added; null: it is of this server.',
  })
  source!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Who it is at the source.' })
  sourceId!: string | null;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether the source had this user, enabled, when it was asked last.',
  })
  sourceActive!: boolean | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'When that was, in milliseconds since the epoch.',
  })
  sourceCheckedAt!: number | null;
}

export class UserPageDto {
  @ApiProperty({ type: [UserDto] })
  items!: UserDto[];

  @ApiProperty({ type: String, nullable: true, description: 'For `after`; null: this is the last page.' })
  next!: string | null;
}
