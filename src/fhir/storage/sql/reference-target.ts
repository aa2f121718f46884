import type { ReferenceValue } from '../../search/index-values.js';
import { uriKey } from './keys.js';

export interface TargetNames {
  /** Number of a resource type. */
  type(name: string): number;
}

/** Key and type number of what a reference points to; both empty where it has an identifier or a display only. */
export function referenceTarget(
  value: ReferenceValue,
  names: TargetNames,
): { readonly key: string; readonly type: number } {
  if (value.targetType !== null && value.targetId !== null) {
    return { key: value.targetId, type: names.type(value.targetType) };
  }
  return { key: value.url === null ? '' : uriKey(value.url), type: 0 };
}
