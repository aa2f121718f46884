/** What a person knows a browser by. */
export interface BrowserName {
  /** `Firefox`; undefined: something else. */
  readonly browser?: string;
  /** `Windows`; undefined: something else. */
  readonly system?: string;
}

const longest = 512;
/** The first that matches, since most browsers name the older ones too. */
const browsers = [
  [/\bEdg(?:e|A|iOS)?\//, 'Microsoft Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;
const systems = [
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

/** Names of a fixed list only: what a browser says of itself is kept and shown nowhere. */
export function browserName(userAgent: string | undefined): BrowserName {
  const text = (userAgent ?? '').slice(0, longest);
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1];
  const system = systems.find(([pattern]) => pattern.test(text))?.[1];
  return { ...(browser === undefined ? {} : { browser }), ...(system === undefined ? {} : { system }) };
}

/** As it was kept; nothing else comes along. */
export function keptBrowserName(value: unknown): BrowserName {
  if (typeof value !== 'object' || value === null) return {};
  const { browser, system } = value as BrowserName;
  return {
    ...(typeof browser === 'string' ? { browser } : {}),
    ...(typeof system === 'string' ? { system } : {}),
  };
}
