import { Module } from '@nestjs/common';
import { ClaimSources } from './claim-sources.js';

/** There in a resource server too, where nobody asks for claims: the same extension starts in both. */
@Module({ providers: [ClaimSources], exports: [ClaimSources] })
export class ClaimSourcesModule {}
