import { Body, HttpCode, Post, SetMetadata } from '@nestjs/common';
import {
  GateSimulation,
  RefusalsService,
  type Refusal,
  type SimulatedCaller,
  type SimulatedCheck,
} from '../../access/index.js';
import type { Principal } from '../../contract/index.js';
import { ClientsService } from '../../clients/index.js';
import { EndpointRegistry, type FhirEndpoint } from '../../endpoints/index.js';
import { AccessReview, type ReviewedRequest } from '../../fhir/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { CHANGES_NOTHING } from '../http/administration.interceptor.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { AccessSimulationDto, AccessSimulationInput } from './access-simulation.dto.js';

/** What is simulated, with what a refusal says filled in. */
interface Simulation {
  readonly endpoint: FhirEndpoint;
  readonly caller: SimulatedCaller;
  readonly request: ReviewedRequest;
  readonly method: string;
  readonly ifNoneExist: string | undefined;
}

@AdministrationController('access-simulations', 'access')
export class AccessSimulationsController {
  constructor(
    private readonly gate: GateSimulation,
    private readonly review: AccessReview,
    private readonly refusals: RefusalsService,
    private readonly clients: ClientsService,
    private readonly endpoints: EndpointRegistry,
  ) {}

  @Post()
  @HttpCode(200)
  @SetMetadata(CHANGES_NOTHING, true)
  @Documented({
    summary: 'Simulate a request',
    description:
      'Whether a user or client would be allowed a request, how each check would end, and what the answer would leave out. Nothing is carried out.',
    answer: AccessSimulationDto,
    errors: [400, 404],
  })
  async simulate(@Body() input: AccessSimulationInput): Promise<AccessSimulationDto> {
    const { endpoint, caller, request, method, ifNoneExist } = await this.simulationOf(input);
    const { interaction, resourceType, id, operation, rule } = request;
    const headers = ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist };
    const target = { method, headers, resourceType, id, operation, rule };
    const { checks, principal } = await this.gate.run(endpoint, target, caller);
    const behind = principal === null ? undefined : this.behindTheGate(request, principal, endpoint);
    const allowed = principal !== null && behind === undefined;
    return {
      allowed,
      endpoint: endpoint.base,
      mode: endpoint.checkMode,
      interaction,
      resourceType,
      scopes: caller.scopes ?? [],
      checks: behind === undefined ? checks : withFailure(checks, behind),
      reach: principal !== null && allowed ? this.review.reach(request, principal, endpoint.repository) : [],
    };
  }

  private async simulationOf(input: AccessSimulationInput): Promise<Simulation> {
    const refusal = input.refusal === undefined ? undefined : await this.refusal(input.refusal);
    const endpoint = this.endpoint(input.endpoint, refusal);
    const method = input.method ?? (refusal?.method === '*' ? 'GET' : refusal?.method) ?? 'GET';
    const url = input.url ?? this.pathOf(refusal, endpoint);
    if (url === undefined) throw invalid('Give the url of the request, below the base of the endpoint.');
    const { resourceType, ifNoneExist } = input;
    return {
      endpoint,
      caller: await this.caller(input, refusal, endpoint),
      request: this.review.parse(
        {
          ...{ method, url },
          ...(resourceType === undefined ? {} : { resourceType }),
          ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
        },
        endpoint.repository,
      ),
      method,
      ifNoneExist,
    };
  }

  private async caller(
    { username, clientId, scope, patient }: AccessSimulationInput,
    refusal: Refusal | undefined,
    { checkMode }: FhirEndpoint,
  ): Promise<SimulatedCaller> {
    const token = refusal?.token ?? null;
    const isOfUser = token === null || token.isUserToken;
    const name = username ?? (isOfUser ? refusal?.subject : null) ?? null;
    const client = clientId ?? refusal?.clientId ?? null;
    if (name === null && client === null && checkMode !== 'open') {
      throw invalid('Say who asks: a username, a clientId, or the reference of a refusal.');
    }
    const given = scope?.split(' ').filter((one) => one !== '') ?? token?.scopes;
    return {
      username: name,
      clientId: client,
      scopes: checkMode === 'basic' ? (given ?? null) : (given ?? (await this.scopesOf(client, checkMode))),
      patient: patient ?? token?.patient ?? null,
      audience: token?.audience ?? null,
    };
  }

  private async scopesOf(
    clientId: string | null,
    checkMode: FhirEndpoint['checkMode'],
  ): Promise<readonly string[] | null> {
    if (checkMode === 'open') return null;
    const client = clientId === null ? undefined : await this.clients.find(clientId);
    if (client === undefined) throw invalid('Give the scope of the token: this endpoint asks for one.');
    return client.scope.split(' ').filter((one) => one !== '');
  }

  private behindTheGate(
    request: ReviewedRequest,
    principal: Principal,
    endpoint: FhirEndpoint,
  ): SimulatedCheck | undefined {
    const refusal = this.review.refusal(request, principal, endpoint);
    if (refusal === undefined) return undefined;
    return {
      check: 'scope',
      result: 'failed',
      failure: {
        expected: 'scope and role that allow every part of the request',
        actual: `${refusal.message}${refusal.detail === undefined ? '' : ` (${refusal.detail})`}`,
        remedy: 'Ask for a scope that covers it, or give the user a role that may.',
        setting: 'scope of the authorization request; scope of the client; roles of the user',
      },
    };
  }

  private async refusal(reference: string): Promise<Refusal> {
    const refusal = await this.refusals.find(reference);
    if (refusal !== undefined) return refusal;
    throw new FirekeepError(
      'not-found',
      'ADMINISTRATION_REFUSAL_NOT_FOUND',
      'No refusal has this reference: it is misspelt, too old, or was one of more than are kept.',
    );
  }

  private endpoint(path: string | undefined, refusal: Refusal | undefined): FhirEndpoint {
    const known = this.endpoints.all();
    const found =
      path !== undefined
        ? known.find((one) => one.path === path)
        : refusal !== undefined
          ? known.find(({ base }) => base === refusal.endpoint)
          : this.endpoints.defaultEndpoint();
    if (found !== undefined) return found;
    throw new FirekeepError(
      'not-found',
      'ADMINISTRATION_ENDPOINT_UNKNOWN',
      'There is no such FHIR endpoint.',
    );
  }

  private pathOf(refusal: Refusal | undefined, { path }: FhirEndpoint): string | undefined {
    if (refusal === undefined || refusal.path === '*') return undefined;
    return refusal.path.startsWith(`${path}/`) ? refusal.path.slice(path.length + 1) : undefined;
  }
}

function withFailure(checks: readonly SimulatedCheck[], failure: SimulatedCheck): readonly SimulatedCheck[] {
  return checks.map((one) => (one.check === failure.check ? failure : one));
}

function invalid(message: string): FirekeepError {
  return new FirekeepError('invalid', 'ADMINISTRATION_SIMULATION_INCOMPLETE', message);
}
