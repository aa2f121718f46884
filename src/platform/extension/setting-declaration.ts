interface Declared<Type extends string, Value> {
  readonly type: Type;
  /** What it is for, in a sentence. */
  readonly description: string;
  /** In force where nobody sets it; absent: undefined is. */
  readonly default?: Value;
  /** Without it the server does not start. */
  readonly required?: true;
  /** `firekeep config check` does not show it. */
  readonly secret?: true;
}

interface TextSetting extends Declared<'text', string> {
  /** Characters at the most; 1000 where it is absent. */
  readonly maximumLength?: number;
}

interface IntegerSetting extends Declared<'integer', number> {
  /** 0 where it is absent. */
  readonly minimum?: number;
  /** 2^53 - 1 where it is absent. */
  readonly maximum?: number;
}

interface ChoiceSetting extends Declared<'choice', string> {
  readonly values: readonly [string, ...string[]];
}

/**
 * A setting of an extension. `duration` is written as `90s`, `15m`, `12h` or `30d` and given in seconds; `list` is parted
 * by commas; `url` is absolute, of http or https.
 */
export type ExtensionSetting =
  | TextSetting
  | IntegerSetting
  | ChoiceSetting
  | Declared<'boolean', boolean>
  | Declared<'duration', number>
  | Declared<'list', readonly string[]>
  | Declared<'url', string>;

/** Settings by their names, in camel case: `ward` of the extension `clinic` is `FIREKEEP_X_CLINIC_WARD`. */
export type ExtensionSettingDeclarations = Readonly<Record<string, ExtensionSetting>>;

type ValueOf<S extends ExtensionSetting> = S extends { readonly type: 'choice' }
  ? S['values'][number]
  : S extends { readonly type: 'integer' | 'duration' }
    ? number
    : S extends { readonly type: 'boolean' }
      ? boolean
      : S extends { readonly type: 'list' }
        ? readonly string[]
        : string;

/** The values of declared settings: undefined is one where neither a default nor `required` stands. */
export type ExtensionSettingValues<D extends ExtensionSettingDeclarations> = {
  readonly [K in keyof D]: D[K] extends { readonly default: unknown } | { readonly required: true }
    ? ValueOf<D[K]>
    : ValueOf<D[K]> | undefined;
};
