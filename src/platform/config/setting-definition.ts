/** How one setting is read: its environment name, its key in `config/*.yaml`, its default and its meaning. */
export interface SettingDefinition<T> {
  readonly env: `FIREKEEP_${string}`;
  readonly description: string;
  /** As the README shows it. */
  readonly defaultText: string;
  readonly secret?: boolean;
  readonly default: T;
  /**
   * Reads a value that isn't empty, and refuses whatever a later use would refuse.
   *
   * @throws FirekeepError `CONFIG_INVALID_VALUE` with what is wrong; the reader puts the setting's name in front.
   */
  parse(text: string): T;
}
