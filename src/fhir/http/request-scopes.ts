import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { principalOf } from '../../contract/index.js';
import { endpointOf } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { requestContext } from '../../platform/http/index.js';
import { digestsOf, requireIdempotencyKey } from '../passage/receipts/idempotent-request.js';
import { IdempotentScope } from '../passage/receipts/idempotent-scope.js';
import type { RequestScope } from '../storage/request-scope.js';

/**
 * Gives what writes its scope: the time that it may take, and what makes it safe to repeat where it has an
 * Idempotency-Key.
 */
@Injectable()
export class RequestScopes {
  constructor(private readonly settings: Settings) {}

  /**
   * @param showsBodies whether an answer that is given again shows the resources
   * @throws FirekeepError 400 `FHIR_IDEMPOTENCY_KEY_INVALID`
   */
  of(request: FastifyRequest, showsBodies: boolean): RequestScope {
    const { headers, body } = request;
    const deadline = Date.now() + this.settings.get('requestTimeout') * 1000;
    const header = headers['idempotency-key'];
    if (header === undefined) return { deadline };
    const ifNoneExist = headers['if-none-exist'];
    const endpoint = endpointOf(request.raw);
    const digests = digestsOf({
      principal: principalOf(request.raw),
      base: endpoint.base,
      key: requireIdempotencyKey(header),
      method: request.method,
      ifMatch: headers['if-match'],
      ifNoneMatch: headers['if-none-match'],
      address: requestContext(request.raw).url,
      ifNoneExist: Array.isArray(ifNoneExist) ? ifNoneExist.join('&') : ifNoneExist,
      contentType: headers['content-type'],
      body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    });
    return new IdempotentScope(deadline, digests, showsBodies);
  }
}
