import { OutboundError } from './outbound-error.js';
import type { OutboundLimits } from './outbound-limits.js';
import { probeCertificates } from './certificate-probe.js';
import { explainTlsFailure, isCertificateCode, isTlsCode } from './tls-failure.js';
import { cleanText } from '../../platform/text/index.js';
import type { TlsMaterial } from './tls-material.js';

interface SystemError {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

const hangUpCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const lookupCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'ENODATA']);

/** Whether the other side closed the connection before it answered. */
export function isHangUp(thrown: unknown): boolean {
  return hangUpCodes.has(systemErrorOf(thrown).code);
}

/** What a failed request means, by stage. */
export async function explainFailure(
  thrown: unknown,
  url: URL,
  tls: TlsMaterial | null,
  limits: OutboundLimits,
): Promise<OutboundError> {
  if (thrown instanceof OutboundError) return thrown;
  const { code, message } = systemErrorOf(thrown);
  const { host } = url;
  if (lookupCodes.has(code)) {
    return new OutboundError(
      'name-lookup',
      `The name ${url.hostname} can't be looked up (${code}). Check its spelling and this server's name servers.`,
      { cause: thrown },
    );
  }
  if (isTlsCode(code)) {
    const chain = isCertificateCode(code) ? await probeCertificates(url, tls, limits.connectTimeout) : [];
    return new OutboundError('tls', explainTlsFailure({ code, message, host, tls, chain }), {
      cause: thrown,
    });
  }
  if (url.protocol === 'https:' && hangUpCodes.has(code)) {
    // Many servers do no more than this where a client certificate is missing or refused.
    return new OutboundError('tls', hangUp(code, host, tls), { cause: thrown });
  }
  if (code === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new OutboundError(
      'response',
      `${host} did not answer completely within ${limits.totalTimeout / 1000} s. See whether that server is well, and what stands between.`,
      { cause: thrown },
    );
  }
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new OutboundError(
      'response',
      `${host} answers something other than HTTP (${code}). Check port and protocol of the address.`,
      { cause: thrown },
    );
  }
  return new OutboundError('connect', connectProblem(code, host, limits), { cause: thrown });
}

function hangUp(code: string, host: string, tls: TlsMaterial | null): string {
  const remedy =
    tls?.certificate == null
      ? 'It may ask for a client certificate: enter one in a TLS configuration.'
      : `It may refuse the client certificate of the TLS configuration "${tls.name}": check that it is valid and that the server trusts its authority.`;
  return `${host} closed the connection during or right after the TLS handshake, before it answered (${code}). ${remedy}`;
}

function connectProblem(code: string, host: string, limits: OutboundLimits): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${host}. Check the port and that the server runs.`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return `No connection to ${host} within ${limits.connectTimeout / 1000} s. Check address, firewall and routes.`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `There is no route to ${host} (${code}). Check address, firewall and routes.`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `${host} closed the connection before it answered (${code}). Check that the port speaks the protocol of the address, and what stands between.`;
    default:
      return `No connection to ${host} (${cleanText(code)}). Check address and firewall.`;
  }
}

/** Code and message of the innermost error that has a code; several addresses tried give several errors. */
function systemErrorOf(thrown: unknown, depth = 0): { code: string; message: string } {
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SystemError;
  if (error.name === 'TimeoutError') return { code: 'TimeoutError', message: '' };
  if (error.name === 'HTTPParserError') return { code: 'HPE_INVALID', message: '' };
  if (depth < 3) {
    for (const inner of [...(error.errors ?? []), error.cause]) {
      if (inner === undefined || inner === null) continue;
      const found = systemErrorOf(inner, depth + 1);
      if (found.code !== 'unknown') return found;
    }
  }
  return {
    code: typeof error.code === 'string' ? error.code : 'unknown',
    message: typeof error.message === 'string' ? error.message : '',
  };
}
