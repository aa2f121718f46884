import { Injectable } from '@nestjs/common';
import type { ExtensionDefinition } from './extension-definition.js';
import type { ExtensionSettingDeclarations, ExtensionSettingValues } from './setting-declaration.js';
import { StartedExtensions } from './started-extensions.js';

/** The values of a definition's settings. */
export type SettingsOf<D extends ExtensionDefinition> = D extends {
  readonly settings: infer S extends ExtensionSettingDeclarations;
}
  ? ExtensionSettingValues<S>
  : Readonly<Record<string, never>>;

/** The settings of extensions, read and checked before the application was made. */
@Injectable()
export class ExtensionSettings {
  constructor(private readonly started: StartedExtensions) {}

  /**
   * @returns every declared setting by its name, typed as declared
   * @throws FirekeepError `EXTENSION_NOT_STARTED`
   *
   * @example
   * constructor(settings: ExtensionSettings) {
   *   this.ward = settings.of(clinic).ward;
   * }
   */
  of<D extends ExtensionDefinition>(definition: D): SettingsOf<D> {
    this.started.require(definition);
    const own = this.started.settings.filter(({ extension }) => extension === definition.name);
    return Object.fromEntries(own.map(({ key, value }) => [key, value])) as SettingsOf<D>;
  }
}
