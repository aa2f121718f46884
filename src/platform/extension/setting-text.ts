import type { ExtensionSetting } from './setting-declaration.js';

/** A value, or what the text must be instead; the text itself is not repeated, since it may be a secret. */
export type ReadSetting =
  { readonly value: string | number | boolean | readonly string[] } | { readonly problem: string };

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Reads what stands in the environment or a file. */
export function readSettingText(setting: ExtensionSetting, text: string): ReadSetting {
  switch (setting.type) {
    case 'text': {
      const maximum = setting.maximumLength ?? 1_000;
      return text.length > maximum ? { problem: `must have at most ${maximum} characters` } : { value: text };
    }
    case 'integer':
      return integer(text, setting.minimum ?? 0, setting.maximum ?? Number.MAX_SAFE_INTEGER);
    case 'boolean':
      return /^(?:true|false)$/.test(text)
        ? { value: text === 'true' }
        : { problem: 'must be true or false' };
    case 'duration':
      return duration(text);
    case 'choice':
      return setting.values.includes(text)
        ? { value: text }
        : { problem: `must be one of ${setting.values.join(', ')}` };
    case 'list':
      return {
        value: text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      };
    case 'url':
      return /^https?:\/\//i.test(text) && URL.canParse(text)
        ? { value: text }
        : { problem: 'must be an absolute URL of http or https' };
  }
}

function integer(text: string, minimum: number, maximum: number): ReadSetting {
  const value = Number(text);
  return /^-?\d{1,16}$/.test(text) && value >= minimum && value <= maximum
    ? { value }
    : { problem: `must be a whole number from ${minimum} to ${maximum}` };
}

function duration(text: string): ReadSetting {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return count === undefined
    ? { problem: 'must be a time such as 90s, 15m, 12h or 30d' }
    : { value: Number(count) * seconds[unit as keyof typeof seconds] };
}
