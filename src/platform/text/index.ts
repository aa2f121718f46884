export {
  cleanText,
  escapeUnseen,
  isCharacterReference,
  isStorableText,
  storableText,
} from './foreign-text.js';
