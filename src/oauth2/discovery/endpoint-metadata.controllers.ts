import { Controller, Get, Header, Param, Req, SetMetadata } from '@nestjs/common';
import { ApiOkResponse, ApiNotFoundResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ACCESS_RULE } from '../../contract/index.js';
import { endpointOf } from '../../endpoints/index.js';
import { EndpointMetadata } from './endpoint-metadata.js';

const cached = 'public, max-age=300';

/** The SMART configuration of the endpoint that the request came in through. */
@ApiTags('Discovery')
@Controller('/@fhir/.well-known/smart-configuration')
export class SmartConfigurationController {
  constructor(private readonly metadata: EndpointMetadata) {}

  @Get()
  @SetMetadata(ACCESS_RULE, { kind: 'public' })
  @Header('content-type', 'application/json; charset=utf-8')
  @Header('access-control-allow-origin', '*')
  @Header('cache-control', cached)
  @ApiOperation({ summary: 'SMART App Launch configuration of this FHIR endpoint' })
  @ApiOkResponse({ description: 'Absolute addresses and capabilities, whatever Accept says.' })
  async read(@Req() request: FastifyRequest): Promise<string> {
    return JSON.stringify(await this.metadata.smartConfiguration(endpointOf(request.raw)));
  }
}

/** RFC 9728, by the path of the endpoint. */
@ApiTags('Discovery')
@Controller('/.well-known/oauth-protected-resource')
export class ProtectedResourceController {
  constructor(private readonly metadata: EndpointMetadata) {}

  @Get('/*')
  @SetMetadata(ACCESS_RULE, { kind: 'public' })
  @Header('content-type', 'application/json; charset=utf-8')
  @Header('access-control-allow-origin', '*')
  @Header('cache-control', cached)
  @ApiOperation({ summary: 'Protected resource metadata of a FHIR endpoint (RFC 9728)' })
  @ApiParam({ name: 'path', type: String, description: 'Path of the endpoint, for example fhir/r4' })
  @ApiOkResponse({ description: 'Its authorization servers, scopes and ways to present a token.' })
  @ApiNotFoundResponse({ description: 'No FHIR endpoint has this path.' })
  async read(@Param('*') path: string): Promise<string> {
    return JSON.stringify(await this.metadata.protectedResource(`/${path}`));
  }
}
