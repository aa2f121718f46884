/**
 * What environment and files say to extensions, as it stands there. An extension declares its settings when it is
 * loaded, and which ones are loaded is a setting itself.
 */
export interface RawExtensionSettings {
  /** Variables that begin with `FIREKEEP_X_`. */
  readonly environment: Readonly<Record<string, string>>;
  /** From `extensionSettings` of the files; later ones stand over earlier ones. */
  readonly files: readonly {
    readonly extension: string;
    readonly key: string;
    readonly text: string;
    /** Where it stands, for messages. */
    readonly from: string;
  }[];
}

export const noExtensionSettings: RawExtensionSettings = { environment: {}, files: [] };

/** Member of the files with the settings of extensions, by extension and name. */
export const extensionsMember = 'extensionSettings';

export function isOfExtension(environmentName: string): boolean {
  return environmentName.startsWith('FIREKEEP_X_');
}
