import { Injectable } from '@nestjs/common';
import type { FhirEndpoint } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { UsersService, type User } from '../../users/index.js';
import type { GuardedRule, AccessTokenClaims, Principal } from '../../contract/index.js';
import { CheckTable } from '../checks/check-table.js';
import type { Check, CheckContext, CheckFailure, CheckName, GuardedTarget } from '../checks/check.js';

/** Who would ask: a user, a client, or a user through a client. */
export interface SimulatedCaller {
  readonly username: string | null;
  readonly clientId: string | null;
  /** Of the token; null: none is brought. */
  readonly scopes: readonly string[] | null;
  /** Patient in context. */
  readonly patient: string | null;
  /** What the token is for; null: this endpoint. */
  readonly audience: readonly string[] | null;
}

/** What would be asked, as the gate sees it. */
export type SimulatedRequest = Pick<
  GuardedTarget,
  'method' | 'headers' | 'resourceType' | 'id' | 'operation'
> & {
  readonly rule: GuardedRule;
};

/** How a check would end; `assumed`: it looks at credentials, which a simulation has none of, and passes. */
export interface SimulatedCheck {
  readonly check: CheckName;
  readonly result: 'passed' | 'not-applicable' | 'failed' | 'assumed' | 'not-reached';
  readonly failure: Pick<CheckFailure, 'expected' | 'actual' | 'remedy' | 'setting'> | null;
}

export interface SimulatedPassage {
  readonly checks: readonly SimulatedCheck[];
  /** Null: a check fails. */
  readonly principal: Principal | null;
}

/**
 * Sends an imagined request through the gate's own checks, in the order of its own table. The token is taken for a
 * good one with the claims that are given, and the password for the right one of an account that is there.
 */
@Injectable()
export class GateSimulation {
  constructor(
    private readonly table: CheckTable,
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  async run(
    endpoint: FhirEndpoint,
    request: SimulatedRequest,
    caller: SimulatedCaller,
  ): Promise<SimulatedPassage> {
    const user = caller.username === null ? undefined : await this.users.findByUsername(caller.username);
    const mode = endpoint.checkMode;
    const context: CheckContext = {
      target: { kind: 'fhir', mode, base: endpoint.base, url: endpoint.base, endpoint, ...request },
      credentials: { authorization: null, scheme: null, repeatedHeader: false, parameterTokens: [] },
      address: 'simulation',
      simulated: true,
      ...this.brought(endpoint, caller, user),
    };
    const checks: SimulatedCheck[] = [];
    let hasFailed = false;
    for (const check of this.table.fhir[mode]) {
      const done: SimulatedCheck | undefined = hasFailed
        ? undefined
        : await this.outcome(check, context, caller, user);
      hasFailed ||= done?.result === 'failed';
      checks.push(done ?? { check: check.name, result: 'not-reached', failure: null });
    }
    return { checks, principal: hasFailed ? null : (context.principal ?? null) };
  }

  private brought(
    endpoint: FhirEndpoint,
    { username, clientId, scopes, patient, audience }: SimulatedCaller,
    user: User | undefined,
  ): Pick<CheckContext, 'claims' | 'basicUser'> {
    const takesBasic = endpoint.checkMode === 'basic' || endpoint.checkMode === 'basic-and-bearer';
    const claims: AccessTokenClaims | undefined =
      scopes === null
        ? undefined
        : {
            issuer: endpoint.oauthClientName ?? this.settings.issuer,
            subject: username ?? clientId ?? '',
            clientId: clientId ?? '',
            isUserToken: username !== null,
            scopes,
            audience: audience ?? [endpoint.base],
            issuedAt: null,
            expiresAt: Number.MAX_SAFE_INTEGER,
            fhirUser: user?.fhirUser ?? null,
            patient,
            encounter: null,
            keyThumbprint: null,
          };
    return {
      ...(claims === undefined ? {} : { claims }),
      ...(takesBasic && user !== undefined ? { basicUser: user } : {}),
    };
  }

  private async outcome(
    check: Check,
    context: CheckContext,
    caller: SimulatedCaller,
    user: User | undefined,
  ): Promise<SimulatedCheck> {
    const { name } = check;
    if (name === 'basic-password') return passwordOutcome(context, caller, user);
    // A client that isn't named can't be looked up.
    const isUnnamed = name === 'client-enabled' && caller.clientId === null;
    if (check.isOfCredentials === true || isUnnamed) return { check: name, result: 'assumed', failure: null };
    if (check.applies?.(context) === false) return { check: name, result: 'not-applicable', failure: null };
    const failure = await check.run(context);
    if (failure === undefined) return { check: name, result: 'passed', failure: null };
    return failed(failure.check ?? name, failure);
  }
}

function passwordOutcome(
  { target }: CheckContext,
  { username }: SimulatedCaller,
  user: User | undefined,
): SimulatedCheck {
  const check = 'basic-password';
  const isAsked = target.mode === 'basic' || target.mode === 'basic-and-bearer';
  if (!isAsked || user?.enabled === true) return { check, result: 'assumed', failure: null };
  return failed(check, {
    expected: 'user and password of an enabled account',
    actual:
      username === null
        ? 'no user'
        : user === undefined
          ? 'a user that does not exist'
          : 'a user that is disabled',
    remedy: 'Name a user of this server, or enable it in the management API.',
    setting: 'users of this server',
  });
}

function failed(
  check: CheckName,
  { expected, actual, remedy, setting }: NonNullable<SimulatedCheck['failure']>,
): SimulatedCheck {
  return { check, result: 'failed', failure: { expected, actual, remedy, setting } };
}
