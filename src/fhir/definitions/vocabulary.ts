import { readDataFile } from './data-files.js';

/** The CodeSystems and ValueSets of the specification, as resources, without texts and displays. */
export interface Vocabulary {
  codeSystem(url: string): object | undefined;
  valueSet(url: string): object | undefined;
  /** URLs of the value sets. */
  readonly valueSets: readonly string[];
}

let loaded: Vocabulary | undefined;

/** Read from the data beside the code at the first call (some 25 ms) and kept. Throws when the file is missing. */
export function loadVocabulary(): Vocabulary {
  if (loaded !== undefined) return loaded;
  const file = readDataFile('vocabulary');
  const codeSystems = new Map(file.codeSystems.map((one) => [one.url, one]));
  const valueSets = new Map(file.valueSets.map((one) => [one.url, one]));
  return (loaded = {
    codeSystem: (url) => codeSystems.get(url),
    valueSet: (url) => valueSets.get(url),
    valueSets: [...valueSets.keys()],
  });
}
