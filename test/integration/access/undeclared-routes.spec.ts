import { Controller, Get, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { migrations } from '../../../migrations/index.js';
import { AppModule, entities } from '../../../src/application/app.module.js';
import { Settings } from '../../../src/platform/config/index.js';
import { SecretBox } from '../../../src/platform/crypto/index.js';
import { openDatabase } from '../../../src/platform/database/index.js';
import { HttpFront, PublicRoute } from '../../../src/platform/http/index.js';
import { Logger } from '../../../src/platform/logging/index.js';
import { databases } from '../../kit/databases.js';

@Controller('@fhir/$extension')
class FhirRouteOfAnExtension {
  @Get()
  forgotten(): string {
    return 'everything';
  }
}

@Controller('extension')
class RouteOfAnExtension {
  @Get()
  forgotten(): string {
    return 'everything';
  }
}

@Controller('extension')
class PublicRouteOfAnExtension {
  @Get()
  @PublicRoute()
  page(): string {
    return 'a page';
  }
}

class Extended {}

describe.each(databases)('an application with a route of an extension on $name', ({ create }) => {
  async function start(controller: Type): Promise<void> {
    const settings = Settings.of({
      databaseUrl: await create(),
      publicUrl: 'http://localhost:8080',
      logLevel: 'silent',
    });
    const parts = {
      ...{ settings, logger: Logger.of(settings), front: new HttpFront() },
      secretBox: new SecretBox(Buffer.alloc(32, 5)),
    };
    const module: DynamicModule = {
      module: Extended,
      imports: [AppModule.of(parts, await openDatabase(settings, entities, migrations))],
      controllers: [controller],
    };
    const app = await NestFactory.create(module, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    try {
      await app.init();
    } finally {
      await app.close();
    }
  }

  it.each([FhirRouteOfAnExtension, RouteOfAnExtension])('does not start with %p', async (controller) => {
    await expect(start(controller)).rejects.toMatchObject({ code: 'ACCESS_UNDECLARED_ROUTE' });
  });

  it('starts where the route says that it is public', async () => {
    await expect(start(PublicRouteOfAnExtension)).resolves.toBeUndefined();
  });
});
