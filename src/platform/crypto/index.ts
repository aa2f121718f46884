export { SecretBox } from './secret-box.js';
export { secretKeyOf } from './secret-key.js';
