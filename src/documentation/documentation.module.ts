import { Module } from '@nestjs/common';
import { EndpointsModule } from '../endpoints/index.js';
import { TrustModule } from '../trust/index.js';
import { StartPageController } from './pages/start-page.controller.js';

/** The pages that explain the server: start page and API documentation. */
@Module({ imports: [EndpointsModule, TrustModule], controllers: [StartPageController] })
export class DocumentationModule {}
