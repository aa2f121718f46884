import { errors } from 'oidc-provider';
import { FirekeepError } from '../../platform/errors/index.js';
import type { ProtocolProblem } from '../scopes/scope-policy.js';

/** The engine's error for a problem that a policy found. */
export function problemError({ error, description }: ProtocolProblem): errors.OIDCProviderError {
  if (error === 'invalid_target') return new errors.InvalidTarget(description);
  if (error === 'invalid_request') return new errors.InvalidRequest(description);
  return new errors.CustomOIDCProviderError(error, description);
}

/** What fails below the engine, in the form in which it answers: 503 or 429 instead of 500. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof FirekeepError ? translate(error) : error;
  }
}

function translate(error: FirekeepError): Error {
  if (error.category !== 'unavailable' && error.category !== 'throttled') return error;
  const translatedError = new errors.CustomOIDCProviderError('temporarily_unavailable', error.message);
  translatedError.status = error.status;
  translatedError.statusCode = error.status;
  return Object.assign(translatedError, { retryAfter: error.retryAfter });
}
