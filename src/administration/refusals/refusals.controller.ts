import { Get, Param, Query } from '@nestjs/common';
import { RefusalsService } from '../../access/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { RefusalDto, RefusalPageDto, RefusalQuery } from './refusal.dto.js';

@AdministrationController('refusals', 'refusals')
export class RefusalsController {
  constructor(private readonly refusals: RefusalsService) {}

  @Get()
  @Documented({ summary: 'List refusals, newest first', answer: RefusalPageDto, errors: [400] })
  async list(@Query() { limit = 50, before }: RefusalQuery): Promise<RefusalPageDto> {
    const entries = await this.refusals.list({
      limit: limit + 1,
      ...(before === undefined ? {} : { before }),
    });
    const items = entries.slice(0, limit);
    const following = entries[limit];
    if (following === undefined) return { items, next: null };
    // The next page begins by time: what has the same millisecond stays together.
    while (items.length > 1 && items.at(-1)?.lastAt === following.lastAt) items.pop();
    return { items, next: items.at(-1)?.lastAt ?? null };
  }

  @Get(':reference')
  @Documented({
    summary: 'Explain a refusal',
    description: 'Which check failed, what it expected, what came, and what to change.',
    answer: RefusalDto,
    errors: [404],
  })
  async read(@Param('reference') reference: string): Promise<RefusalDto> {
    const refusal = await this.refusals.find(reference);
    if (refusal !== undefined) return refusal;
    throw new FirekeepError(
      'not-found',
      'ADMINISTRATION_REFUSAL_NOT_FOUND',
      'No refusal has this reference: it is misspelt, too old, or was one of more than are kept.',
    );
  }
}
