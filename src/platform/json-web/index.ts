export { acceptedKeys, chooseKey, parseKeySet, type KeyChoice } from './json-web-keys.js';
export {
  decodeJsonWebToken,
  isBearerToken,
  maximumTokenLength,
  type JsonWebToken,
} from './json-web-token.js';
export { parseObject } from './parse-object.js';
export {
  isSignatureAlgorithm,
  signatureAlgorithmNames,
  verifySignature,
  type VerificationKey,
} from './signature-algorithms.js';
