import { Module } from '@nestjs/common';
import { FormTokens } from './form-tokens.js';

/** What every page with a form needs. */
@Module({ providers: [FormTokens], exports: [FormTokens] })
export class FormsModule {}
