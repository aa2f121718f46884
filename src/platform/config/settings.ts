import { defaultDatabaseUrl } from './default-database.js';
import { noExtensionSettings, type RawExtensionSettings } from './raw-extension-settings.js';
import { settingDefinitions, type SettingKey, type SettingValues } from './setting-definitions.js';

/** The settings of this process: environment over `config/*.yaml` over defaults, validated. Injectable by class. */
export class Settings {
  readonly values: SettingValues;
  private readonly listeningPort: { value: number | undefined } = { value: undefined };

  /** @param ofExtensions what stands in environment and files for extensions, which are not loaded yet */
  constructor(
    values: SettingValues,
    readonly ofExtensions: RawExtensionSettings = noExtensionSettings,
  ) {
    this.values = values;
  }

  /** The same with some values replaced. */
  with(overrides: Partial<SettingValues>): Settings {
    return new Settings({ ...this.values, ...overrides }, this.ofExtensions);
  }

  get<K extends SettingKey>(key: K): SettingValues[K] {
    return this.values[key];
  }

  /** Base of every address that is written out, without a trailing slash. */
  get publicUrl(): string {
    const port = this.listeningPort.value ?? this.values.port;
    return this.values.publicUrl ?? `http://localhost${port === 80 ? '' : `:${port}`}`;
  }

  /** Issuer identifier of this server's own authorization server. */
  get issuer(): string {
    return `${this.publicUrl}/oauth2`;
  }

  /** Base of the management API, which is also the audience of its tokens. */
  get managementUrl(): string {
    return `${this.publicUrl}/admin/api/v1`;
  }

  /** Called once by `main` where port 0 was asked for. */
  setListeningPort(port: number): void {
    this.listeningPort.value = port;
  }

  get isSqlite(): boolean {
    return this.values.databaseUrl.startsWith('sqlite:');
  }

  get servesAuthorization(): boolean {
    return this.values.role !== 'resource-server';
  }

  get servesResources(): boolean {
    return this.values.role !== 'authorization-server';
  }

  /** Defaults with some values replaced, for tests and embedding. */
  static of(overrides: Partial<SettingValues> = {}, ofExtensions?: RawExtensionSettings): Settings {
    const defaults: Record<string, unknown> = Object.fromEntries(
      Object.entries(settingDefinitions).map(([key, definition]) => [key, definition.default]),
    );
    const values = { ...(defaults as SettingValues), ...overrides };
    const databaseUrl = overrides.databaseUrl ?? defaultDatabaseUrl(values.dataDirectory);
    return new Settings({ ...values, databaseUrl }, ofExtensions);
  }
}
