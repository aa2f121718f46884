import * as openid from 'openid-client';

/** openid-client, set up from the server's metadata over plain HTTP on loopback. */
export function discover(
  issuer: string,
  clientId: string,
  metadata?: Partial<openid.ClientMetadata>,
  authentication?: openid.ClientAuth,
): Promise<openid.Configuration> {
  return openid.discovery(new URL(issuer), clientId, metadata, authentication, {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that nobody uses it outside of tests
    execute: [openid.allowInsecureRequests],
  });
}
