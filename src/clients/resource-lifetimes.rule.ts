import { withoutSlash } from './base-url.js';

type Metadata = Readonly<Record<string, unknown>>;

const member = 'resource_token_lifetimes';
/** Seconds. */
const shortest = 60;
const longest = 3600;

/** Seconds that access tokens for a base URL of a resource server live at the most; undefined: nothing is set. */
export function resourceLifetime(metadata: Metadata, base: string): number | undefined {
  const found = Object.entries(lifetimesOf(metadata)).find(
    ([name]) => withoutSlash(name) === withoutSlash(base),
  );
  return typeof found?.[1] === 'number' ? found[1] : undefined;
}

/** The metadata without lifetimes of base URLs that the resource server has no more. */
export function withLifetimesOf(resource: readonly string[], metadata: Metadata): Metadata {
  if (metadata[member] === undefined) return metadata;
  const bases = resource.map(withoutSlash);
  const left = Object.entries(lifetimesOf(metadata)).filter(([base]) => bases.includes(withoutSlash(base)));
  const { [member]: _all, ...rest } = metadata;
  return left.length === 0 ? rest : { ...rest, [member]: Object.fromEntries(left) };
}

/** What is wrong with the lifetimes, if anything. */
export function resourceLifetimesProblem(
  metadata: Metadata,
  resource: readonly string[],
): string | undefined {
  const value = metadata[member];
  if (value === undefined) return undefined;
  if (!isObject(value)) return `${member}: use an object of base URLs and seconds.`;
  const bases = resource.map(withoutSlash);
  const foreign = Object.keys(value).find((base) => !bases.includes(withoutSlash(base)));
  if (foreign !== undefined) {
    return `${member}: ${foreign.slice(0, 200)} is no base URL of this resource server.`;
  }
  return Object.values(value).every(isLifetime)
    ? undefined
    : `${member}: use whole seconds from ${shortest} to ${longest}.`;
}

function lifetimesOf(metadata: Metadata): Metadata {
  const value = metadata[member];
  return isObject(value) ? value : {};
}

function isLifetime(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= shortest && value <= longest;
}

function isObject(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
