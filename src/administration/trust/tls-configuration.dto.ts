import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { tlsMinimumVersions, type TlsMinimumVersion } from '../../trust/index.js';
import { Optional, OptionalOrNull } from '../http/validation.js';
import { VersionedDto } from '../http/versioned.dto.js';

const longestPem = 1024 * 1024;
const help = {
  ca: 'PEM bundle of certificate authorities, instead of those that Node.js brings; null: those.',
  certificate: 'PEM, the client’s own certificate first; comes and goes together with its key.',
};

export class TlsConfigurationChangesDto {
  @ApiPropertyOptional({ enum: tlsMinimumVersions, default: 'TLSv1.2' })
  @Optional()
  @IsIn([...tlsMinimumVersions])
  minVersion?: TlsMinimumVersion;

  @ApiPropertyOptional({ type: String, nullable: true, description: help.ca })
  @OptionalOrNull()
  @IsString()
  @MaxLength(longestPem)
  ca?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: help.certificate })
  @OptionalOrNull()
  @IsString()
  @MaxLength(longestPem)
  certificate?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'PEM, without passphrase. Stored encrypted, never shown.',
  })
  @OptionalOrNull()
  @IsString()
  @MaxLength(65_536)
  key?: string | null;
}

export class TlsConfigurationInputDto extends TlsConfigurationChangesDto {
  @ApiProperty({ example: 'hospital', description: 'Never changes.' })
  @IsString()
  @MaxLength(64)
  name!: string;
}

export class CertificateSummaryDto {
  @ApiProperty()
  subject!: string;

  @ApiProperty()
  issuer!: string;

  @ApiProperty({ format: 'date-time' })
  validFrom!: string;

  @ApiProperty({ format: 'date-time' })
  validTo!: string;

  @ApiProperty({ enum: ['valid', 'expired', 'not-yet-valid'] })
  state!: 'valid' | 'expired' | 'not-yet-valid';

  @ApiProperty({ description: 'SHA-256 in hex with colons.' })
  fingerprint!: string;
}

export class TlsConfigurationDto extends VersionedDto {
  @ApiProperty({ example: 'hospital' })
  name!: string;

  @ApiProperty({ enum: tlsMinimumVersions })
  minVersion!: TlsMinimumVersion;

  @ApiProperty({ type: String, nullable: true, description: help.ca })
  ca!: string | null;

  @ApiProperty({ type: String, nullable: true, description: help.certificate })
  certificate!: string | null;

  @ApiProperty()
  hasKey!: boolean;

  @ApiProperty({ type: [CertificateSummaryDto] })
  caCertificates!: readonly CertificateSummaryDto[];

  @ApiProperty({ type: [CertificateSummaryDto] })
  clientCertificates!: readonly CertificateSummaryDto[];
}

export class TlsConfigurationListDto {
  @ApiProperty({ type: [TlsConfigurationDto] })
  items!: TlsConfigurationDto[];
}
