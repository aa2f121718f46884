import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../platform/errors/index.js';
import { OutboundError } from '../outbound/outbound-error.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import type { TlsMaterial } from '../outbound/tls-material.js';
import type { ServerMetadata } from '../store/server-metadata.js';
import {
  checkManagementAddress,
  managementOrigins,
  parseRegistration,
  type Registration,
} from './registration-answer.js';

/** Where a registration is managed, and the token that allows it. */
export interface RegistrationAccess {
  readonly clientId: string;
  readonly uri: string;
  /** Where the token may be sent. */
  readonly origins: readonly string[];
  readonly token: string;
  readonly tls: TlsMaterial | null;
}

const json = { 'content-type': 'application/json' };

/**
 * OAuth 2.0 Dynamic Client Registration (https://www.rfc-editor.org/rfc/rfc7591) and its management
 * (https://www.rfc-editor.org/rfc/rfc7592), as a client.
 */
@Injectable()
export class DynamicRegistration {
  constructor(private readonly http: OutboundHttp) {}

  /** RFC 7591 section 3.1. @throws OutboundError; FirekeepError 409 `TRUST_NO_REGISTRATION` */
  async register(
    server: ServerMetadata,
    tls: TlsMaterial | null,
    initialAccessToken: string | null,
    metadata: Readonly<Record<string, unknown>>,
  ): Promise<Registration> {
    const url = server.registration_endpoint;
    if (url === undefined) {
      throw new FirekeepError(
        'conflict',
        'TRUST_NO_REGISTRATION',
        `${server.issuer} offers no dynamic registration. Enable it there and discover it again.`,
      );
    }
    try {
      const { json: answer } = await this.http.sendForJson({
        url,
        tls,
        method: 'POST',
        headers: {
          ...json,
          ...(initialAccessToken === null ? {} : { authorization: `Bearer ${initialAccessToken}` }),
        },
        body: JSON.stringify(metadata),
        // 200 is what some servers answer instead of 201.
        statuses: [201, 200],
      });
      const registration = parseRegistration(answer, server.issuer, managementOrigins(server));
      if (registration.clientSecret === undefined) {
        throw new OutboundError(
          'metadata',
          `${server.issuer} gave no client secret, which introspection takes. Allow client_secret_basic there.`,
        );
      }
      return registration;
    } catch (error) {
      throw withRegistrationRemedy(error, initialAccessToken);
    }
  }

  /** RFC 7592 section 2.1. @throws OutboundError */
  read(access: RegistrationAccess): Promise<Registration> {
    return this.manage(access, {});
  }

  /** RFC 7592 section 2.2: the whole of the metadata is replaced. @throws OutboundError */
  update(
    access: RegistrationAccess,
    metadata: Readonly<Record<string, unknown>>,
    clientSecret: string | null,
  ): Promise<Registration> {
    return this.manage(access, {
      method: 'PUT',
      headers: json,
      body: JSON.stringify({
        ...metadata,
        client_id: access.clientId,
        ...(clientSecret === null ? {} : { client_secret: clientSecret }),
      }),
    });
  }

  /** RFC 7592 section 2.3. @throws OutboundError */
  async remove({ uri, origins, token, tls }: RegistrationAccess): Promise<void> {
    await this.http.send({
      url: checkManagementAddress(uri, origins, uri).href,
      tls,
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
      statuses: [204, 200],
    });
  }

  private async manage(
    { clientId, uri, origins, token, tls }: RegistrationAccess,
    request: { method?: 'PUT'; headers?: Record<string, string>; body?: string },
  ): Promise<Registration> {
    try {
      const { json: answer } = await this.http.sendForJson({
        url: checkManagementAddress(uri, origins, uri).href,
        tls,
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
      });
      const registration = parseRegistration(answer, uri, origins);
      if (registration.clientId !== clientId) {
        throw new OutboundError(
          'metadata',
          `${uri} answers with another client than "${clientId}". Forget this registration and register again.`,
        );
      }
      return registration;
    } catch (error) {
      throw withManagementRemedy(error);
    }
  }
}

function withRegistrationRemedy(error: unknown, initialAccessToken: string | null): unknown {
  if (!(error instanceof OutboundError) || ![401, 403].includes(error.answerStatus ?? 0)) return error;
  const remedy =
    initialAccessToken === null
      ? 'Have an initial access token made there and enter it in the server description.'
      : 'The initial access token of the server description is refused: have a new one made there and enter it.';
  return enriched(error, remedy);
}

function withManagementRemedy(error: unknown): unknown {
  if (!(error instanceof OutboundError) || ![401, 403, 404].includes(error.answerStatus ?? 0)) return error;
  return enriched(
    error,
    'If the client was removed there or its registration token has been withdrawn, forget this registration and register again.',
  );
}

function enriched(error: OutboundError, remedy: string): OutboundError {
  return new OutboundError(error.stage, `${error.message} ${remedy}`, {
    ...(error.answerStatus === undefined ? {} : { answerStatus: error.answerStatus }),
    ...(error.oauthError === undefined ? {} : { oauthError: error.oauthError }),
    cause: error.cause,
  });
}
