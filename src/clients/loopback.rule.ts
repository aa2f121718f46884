const hosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether an address leads to the machine that it is read on: there plain http may be used, since nothing leaves the
 * machine. A redirect URI of this kind is an installed application's, which listens on whatever port it gets, so the
 * protocol engine compares it without its port (`application_type` in `oauth2/provider/engine-client.ts`); all else is
 * compared exactly.
 *
 * @param hostname as `URL` has it
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
export function isLoopback(hostname: string): boolean {
  return hosts.has(hostname);
}
