import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { Optional } from './validation.js';

/** Which part of a list. */
export class PageQuery {
  @ApiPropertyOptional({ description: 'Entries at the most.', minimum: 1, maximum: 200, default: 50 })
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @ApiPropertyOptional({ description: '`next` of the page before.' })
  @Optional()
  @IsString()
  @MaxLength(200)
  after?: string;
}

export interface PageOf<T> {
  items: T[];
  /** For `after`; null: this is the last page. */
  next: string | null;
}

/** Reads one entry more than asked for, which tells whether there is another page. */
export async function pageOf<T>(
  query: PageQuery,
  read: (page: { after?: string; limit: number }) => Promise<readonly T[]>,
  keyOf: (entry: T) => string,
): Promise<PageOf<T>> {
  const limit = query.limit ?? 50;
  const entries = await read({
    limit: limit + 1,
    ...(query.after === undefined ? {} : { after: query.after }),
  });
  const items = entries.slice(0, limit);
  const last = items.at(-1);
  return { items, next: entries.length > limit && last !== undefined ? keyOf(last) : null };
}
