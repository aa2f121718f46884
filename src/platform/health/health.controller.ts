import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '../database/index.js';
import { FirekeepError } from '../errors/index.js';
import { PublicRoute } from '../http/index.js';
import { Readiness } from './readiness.js';

/** Probes for process supervisors and load balancers. */
@ApiTags('Health')
@Controller('health')
@PublicRoute()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the process runs; restart it when this fails' })
  @ApiResponse({ status: 200, description: 'It runs.' })
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether requests should be sent here' })
  @ApiResponse({ status: 200, description: 'It takes requests and reaches its database.' })
  @ApiResponse({ status: 503, description: 'It is stopping, or the database is away.' })
  async ready(): Promise<{ status: string }> {
    if (this.readiness.isStopping) {
      throw new FirekeepError('unavailable', 'HEALTH_STOPPING', 'The server is stopping.', { retryAfter: 5 });
    }
    if (!(await this.database.isReachable())) {
      throw new FirekeepError('unavailable', 'DATABASE_UNAVAILABLE', 'The database is not available.', {
        retryAfter: 2,
      });
    }
    return { status: 'ok' };
  }
}
