import { Module } from '@nestjs/common';
import { Pages } from './themed-pages.js';
import { ThemeRoutes } from './theme.routes.js';
import { Theme } from './theme.js';

/** How the pages look. */
@Module({ providers: [Theme, ThemeRoutes, Pages], exports: [Theme, ThemeRoutes, Pages] })
export class ThemeModule {}
