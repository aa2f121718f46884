import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsObject, IsString, MaxLength } from 'class-validator';
import { patientRelations, type RoleRule } from '../../users/index.js';
import { Optional } from '../http/validation.js';
import { VersionedDto } from '../http/versioned.dto.js';

/** Checked as a whole where roles are kept, so that each problem comes with its place. */
export class RoleRuleDto {
  @ApiProperty({
    type: [String],
    description: 'FHIR resource types; `*`: all but AuditEvent, which is named or not meant.',
    example: ['Observation', 'Condition'],
  })
  types!: readonly string[];

  @ApiProperty({
    description: 'The letters of SMART scopes, in this order: create, read, update, delete, search.',
    example: 'rs',
  })
  interactions!: string;

  @ApiPropertyOptional({
    description: 'FHIR search criteria without the type, percent-encoded, that a resource must match.',
    example: 'category=laboratory',
  })
  criteria?: string;

  @ApiPropertyOptional({
    enum: ['Patient', 'Practitioner'],
    description: 'Only the compartment of the user’s own resource (`fhirUser`), which must be of this type.',
  })
  compartment?: RoleRule['compartment'];

  @ApiPropertyOptional({
    enum: patientRelations,
    isArray: true,
    description:
      'Only the compartments of patients whose CareTeam, or Encounter, has the user’s own resource (`fhirUser`) as ' +
      'participant, while it is open.',
  })
  ownPatients?: RoleRule['ownPatients'];

  @ApiPropertyOptional({
    enum: [true],
    type: Boolean,
    description:
      'With `compartment: Patient` or `ownPatients`: what is written may name other patients beside the one that it is about.',
  })
  namesOthers?: true;

  @ApiPropertyOptional({
    enum: [true],
    type: Boolean,
    description:
      'A CareTeam or an Encounter that is written may have participants whom its patient did not have; else it is refused.',
  })
  assigns?: true;
}

export class RoleChangesDto {
  @ApiPropertyOptional({ example: 'Laboratory results of the own patients' })
  @Optional()
  @IsString()
  @MaxLength(255)
  description?: string;

  @ApiPropertyOptional({
    type: [RoleRuleDto],
    description: 'The role permits what one of them permits; within a rule everything must hold.',
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsObject({ each: true })
  rules?: object[];
}

export class RoleInputDto extends RoleChangesDto {
  @ApiProperty({
    description: 'Lower-case letters, digits and hyphens; not that of a built-in role. Never changes.',
    example: 'ward-nurse',
  })
  @IsString()
  @MaxLength(64)
  name!: string;
}

export class RoleDto extends VersionedDto {
  @ApiProperty({ example: 'ward-nurse' })
  name!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({ type: [RoleRuleDto] })
  rules!: RoleRuleDto[];
}

export class RolePageDto {
  @ApiProperty({ type: [RoleDto] })
  items!: RoleDto[];

  @ApiProperty({ type: String, nullable: true, description: 'For `after`; null: this is the last page.' })
  next!: string | null;
}
