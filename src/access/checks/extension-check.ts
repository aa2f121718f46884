import type { Principal } from '../../contract/index.js';
import { TimeIsOver, withinTime } from '../../platform/extension/index.js';
import type { Logger } from '../../platform/logging/index.js';
import type { Check, CheckContext, CheckFailure, ExtensionCheckName } from './check.js';
import type { GateCheck, GateRefusal, GateRequest } from '../extension-checks/gate-checks.js';

export interface ExtensionCheckParts {
  /** Milliseconds. */
  readonly limit: number;
  readonly logger: Logger;
  /** Who asks, where the checks so far have not settled it. */
  readonly callerOf: (context: CheckContext) => Principal;
}

/** A check of an extension among those of the gate. */
export class ExtensionCheck implements Check {
  readonly name: ExtensionCheckName;

  constructor(
    private readonly check: GateCheck,
    private readonly parts: ExtensionCheckParts,
  ) {
    this.name = check.name as ExtensionCheckName;
  }

  async run(context: CheckContext): Promise<CheckFailure | undefined> {
    const { limit, logger, callerOf } = this.parts;
    try {
      const request = requestOf(context, context.principal ?? callerOf(context));
      const refusal = await withinTime(limit, (signal) => this.check.check(request, signal));
      return refusal === undefined ? undefined : failureOf(refusal);
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      logger.error('a check of an extension failed', { check: this.name, error: { message, stack } });
      return notMade(error instanceof TimeIsOver ? message : 'it failed; the log has the reason');
    }
  }
}

function requestOf({ target, address, simulated, isEntry }: CheckContext, principal: Principal): GateRequest {
  const { authorization: _authorization, dpop: _dpop, cookie: _cookie, ...headers } = target.headers;
  const { endpoint, method, url, rule, resourceType, id, operation } = target;
  return {
    principal,
    endpoint,
    method,
    url,
    interaction: rule?.interaction ?? null,
    resourceType,
    id,
    operation,
    address,
    headers,
    isSimulated: simulated === true,
    isEntry: isEntry === true,
  };
}

function failureOf(refusal: GateRefusal): CheckFailure {
  const { message, expected, actual, remedy, setting, retryAfter } = refusal;
  // What is no refusal must not be taken for a passage, nor break the record of it.
  const texts = { message, expected, actual, remedy };
  const missing = Object.entries(texts).find(([, text]) => typeof text !== 'string' || text === '');
  if (missing !== undefined) throw new Error(`its refusal has no ${missing[0]}`);
  return {
    ...texts,
    category: retryAfter === undefined ? 'forbidden' : 'throttled',
    error: null,
    setting: setting ?? 'the extension that adds the check',
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

function notMade(actual: string): CheckFailure {
  return {
    category: 'unavailable',
    error: null,
    message: 'A check of this server could not be made. Try again later.',
    expected: 'an answer of the check',
    actual,
    remedy: 'Look for the check in the log, and correct or take out the extension.',
    setting: 'FIREKEEP_EXTENSIONS',
    retryAfter: 5,
  };
}
