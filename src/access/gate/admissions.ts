import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { requestContext } from '../../platform/http/index.js';
import type { Principal } from '../../contract/index.js';
import type { Check, CheckContext } from '../checks/check.js';

/** How a principal came through the gate. */
export interface Admission {
  readonly request: IncomingMessage;
  readonly context: CheckContext;
  readonly checks: readonly Check[];
}

/** What is known of the request of a principal. */
export interface AdmittedRequest {
  readonly address: string;
  /** The `X-Request-Id` that the client sent; null: none that is taken over. */
  readonly requestId: string | null;
}

/** A property of the principal, as the context of a request is one of the request. */
const admitted = Symbol('admission');

interface WithAdmission {
  readonly [admitted]?: Admission;
}

/** Remembers how each principal came in; a principal lives as long as its request. */
@Injectable()
export class Admissions {
  admit(principal: Principal, admission: Admission): void {
    // Not enumerable: a copy of a principal has not come through the gate.
    Object.defineProperty(principal, admitted, { value: admission, configurable: true });
  }

  /** Undefined: it came another way. */
  of(principal: Principal): Admission | undefined {
    return (principal as WithAdmission)[admitted];
  }

  /** Undefined: it came another way. */
  requestOf(principal: Principal): AdmittedRequest | undefined {
    const admission = this.of(principal);
    if (admission === undefined) return undefined;
    const { request, context } = admission;
    const { requestId } = requestContext(request);
    const isGiven = request.headers['x-request-id'] === requestId;
    return { address: context.address, requestId: isGiven ? requestId : null };
  }
}
