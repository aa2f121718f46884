import { All, Controller, Get, Module, Post, SetMetadata, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { PublicRoute } from '../../platform/http/index.js';
import { ACCESS_RULE } from '../../contract/index.js';
import { RouteRules } from './route-rules.js';

const interaction = SetMetadata(ACCESS_RULE, { kind: 'interaction', interaction: 'read' });
const open = SetMetadata(ACCESS_RULE, { kind: 'public' });

async function start(controller: Type): Promise<void> {
  @Module({ imports: [DiscoveryModule], providers: [RouteRules], controllers: [controller] })
  class Application {}
  const app = await NestFactory.createApplicationContext(Application, {
    logger: false,
    abortOnError: false,
  });
  await app.close();
}

@Controller('@fhir')
class ForgottenFhirRoute {
  @Get('declared')
  @interaction
  declared(): string {
    return '';
  }

  @Get('forgotten')
  forgotten(): string {
    return '';
  }
}

@Controller()
class ForgottenFhirPath {
  @Post('/@fhir/x')
  forgotten(): string {
    return '';
  }
}

@Controller('@fhir')
class PublicInsteadOfRule {
  @Get('x')
  @PublicRoute()
  x(): string {
    return '';
  }
}

@Controller('anything')
class ForgottenRoute {
  @Get()
  forgotten(): string {
    return '';
  }
}

@Controller('anything')
class RuleOutsideOfFhir {
  @Get()
  @interaction
  x(): string {
    return '';
  }
}

@Controller(['health', '@fhir/backdoor'])
class SecondPath {
  @All()
  @PublicRoute()
  x(): string {
    return '';
  }
}

@Controller()
class SecondPathOfHandler {
  @Get(['start', '//@fhir//x'])
  @PublicRoute()
  x(): string {
    return '';
  }
}

@Controller('admin/api/v1/users')
class PublicAdministration {
  @Get()
  @PublicRoute()
  x(): string {
    return '';
  }
}

@Controller('admin')
class PublicAdministrationInTwoParts {
  @Get('api/v1/users')
  @open
  x(): string {
    return '';
  }
}

@Controller(['admin/api/v1/users', 'users'])
class AdministrationAtAnotherPath {
  @Get()
  x(): string {
    return '';
  }
}

@Controller('@fhir/inherited')
class Inherited extends ForgottenRoute {}

@Controller('@fhir')
class Declared {
  @Get(':type/:id')
  @interaction
  read(): string {
    return '';
  }

  @Get('metadata')
  @open
  metadata(): string {
    return '';
  }

  helper(): string {
    return '';
  }
}

@Controller('admin/api/v1/things')
class Administration {
  @Get()
  list(): string {
    return '';
  }
}

@Controller(['start', 'begin'])
@PublicRoute()
class Start {
  @Get(['', 'page'])
  page(): string {
    return '';
  }
}

describe('the start', () => {
  it.each([
    ['a FHIR route without an access rule', ForgottenFhirRoute],
    ['a FHIR route by its whole path', ForgottenFhirPath],
    ['a FHIR route that is declared as another one', PublicInsteadOfRule],
    ['another route that does not say that it is public', ForgottenRoute],
    ['another route with the rule of a FHIR route', RuleOutsideOfFhir],
    ['a public controller with a second path among the FHIR routes', SecondPath],
    ['a public handler with a second path among the FHIR routes', SecondPathOfHandler],
    ['a public route of the management API', PublicAdministration],
    ['a public route of the management API in two parts', PublicAdministrationInTwoParts],
    ['a route of the management API with a second path elsewhere', AdministrationAtAnotherPath],
    ['an inherited route', Inherited],
  ])('is stopped by %s', async (_name, controller) => {
    await expect(start(controller)).rejects.toMatchObject({ code: 'ACCESS_UNDECLARED_ROUTE' });
  });

  it.each([Declared, Administration, Start])('goes on with %p', async (controller) => {
    await expect(start(controller)).resolves.toBeUndefined();
  });
});
