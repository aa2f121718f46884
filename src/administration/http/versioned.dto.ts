import { ApiProperty } from '@nestjs/swagger';

/** What everything that is changed with an ETag shows beside its own fields. */
export abstract class VersionedDto {
  @ApiProperty({ description: 'Counts up with every change; the ETag.' })
  version!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  createdAt!: number;

  @ApiProperty({ description: 'Milliseconds since the epoch.' })
  updatedAt!: number;
}
