import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { Oauth2Events } from '../../oauth2/index.js';
import {
  agentTypes,
  entityRoles,
  entityTypes,
  eventTypes,
  ownSubtype,
  subtypes,
} from '../events/audit-codes.js';
import { base64, outcomes, patientEntity } from '../events/audit-event.js';
import { AuditRecorder, objectEntity } from '../recording/audit-recorder.js';
import { AuditFailures } from '../recording/audit-failures.js';

/** Records sign-ins, approvals, tokens and registrations of the authorization server. */
@Injectable()
export class Oauth2Listener implements OnModuleInit {
  constructor(
    private readonly recorder: AuditRecorder,
    private readonly failures: AuditFailures,
    @Optional() private readonly events?: Oauth2Events,
  ) {}

  onModuleInit(): void {
    if (this.events === undefined) return;
    if (this.recorder.keeps('sign-ins')) this.listenToSignIns(this.events);
    if (this.recorder.keeps('grants')) {
      this.listenToTokens(this.events);
      this.listenToApprovals(this.events);
    }
    if (this.recorder.keeps('administration')) this.listenToRegistrations(this.events);
  }

  private listenToSignIns({ signedIn, signInRefused }: Oauth2Events): void {
    const { recorder } = this;
    const login = {
      type: eventTypes.authentication,
      subtype: [subtypes.login],
      action: 'E',
      entity: [],
    } as const;
    signedIn.subscribe((actor) => {
      recorder.record({ ...login, outcome: outcomes.success, agent: this.agents(actor) });
    });
    signInRefused.subscribe(({ reason, ...actor }) => {
      this.failures.record('sign-ins', {
        ...login,
        outcome: outcomes.minorFailure,
        outcomeDesc: reason,
        agent: this.agents(actor),
      });
    });
  }

  private listenToTokens({ tokenIssued, tokenRefused, revoked }: Oauth2Events): void {
    const { recorder } = this;
    const grant = {
      type: eventTypes.authentication,
      subtype: [subtypes.getAccessToken],
      action: 'E',
    } as const;
    tokenIssued.subscribe(({ grantType, audience, scopes, ...actor }) => {
      recorder.record({
        ...grant,
        outcome: outcomes.success,
        agent: this.agents(actor),
        entity: [
          request({
            grant_type: grantType,
            client_id: actor.clientId,
            scope: scopes.join(' '),
            ...(audience === null ? {} : { resource: audience }),
          }),
        ],
      });
    });
    tokenRefused.subscribe(({ grantType, error, ...actor }) => {
      this.failures.record('grants', {
        ...grant,
        outcome: outcomes.minorFailure,
        outcomeDesc: error,
        agent: this.agents(actor),
        entity: [request({ grant_type: grantType, client_id: actor.clientId ?? '' })],
      });
    });
    revoked.subscribe(({ what, ...actor }) => {
      recorder.record({
        type: eventTypes.alert,
        subtype: [ownSubtype('revoked')],
        action: 'D',
        outcome: outcomes.success,
        agent: this.agents(actor),
        entity: [objectEntity(what)],
      });
    });
  }

  private listenToApprovals({ consentGiven, consentDenied, launchRefused }: Oauth2Events): void {
    const approval = { type: eventTypes.alert, action: 'E' } as const;
    consentGiven.subscribe(({ scopes, patient, ...actor }) => {
      this.recorder.record({
        ...approval,
        subtype: [ownSubtype('access-approved')],
        outcome: outcomes.success,
        agent: this.agents(actor),
        entity: [
          request({ client_id: actor.clientId, scope: scopes.join(' ') }),
          ...(patient === null ? [] : [patientEntity(patient)]),
        ],
      });
    });
    launchRefused.subscribe(({ reason, ...actor }) => {
      this.failures.record('grants', {
        ...approval,
        subtype: [ownSubtype('launch-refused')],
        outcome: outcomes.minorFailure,
        outcomeDesc: reason,
        agent: this.agents(actor),
        entity: [request({ client_id: actor.clientId })],
      });
    });
    consentDenied.subscribe((actor) => {
      this.recorder.record({
        ...approval,
        subtype: [ownSubtype('access-denied-by-user')],
        outcome: outcomes.success,
        agent: this.agents(actor),
        entity: [request({ client_id: actor.clientId })],
      });
    });
  }

  private listenToRegistrations({ clientRegistered }: Oauth2Events): void {
    clientRegistered.subscribe(({ clientId, initialAccessTokenId }) => {
      this.failures.record('administration', {
        type: eventTypes.alert,
        subtype: [subtypes.securityConfiguration],
        action: 'C',
        outcome: outcomes.success,
        outcomeDesc:
          initialAccessTokenId === null
            ? 'registered openly'
            : `registered with initial access token ${initialAccessTokenId}`,
        agent: this.agents({ clientId }),
        entity: [objectEntity(`client ${clientId}`)],
      });
    });
  }

  private agents(actor: Parameters<AuditRecorder['agents']>[0]) {
    return this.recorder.agents(actor, agentTypes.authorizationServer);
  }
}

/** A request in the form of a query string; never with a code, verifier, secret, assertion or token. */
function request(parameters: Readonly<Record<string, string>>) {
  return {
    type: entityTypes.systemObject,
    role: entityRoles.query,
    query: base64(new URLSearchParams(parameters).toString()),
  };
}
