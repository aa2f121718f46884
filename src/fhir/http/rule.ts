import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import { ACCESS_RULE, type AccessRule, type Interaction } from '../../contract/index.js';

function rule(value: AccessRule): CustomDecorator {
  return SetMetadata(ACCESS_RULE, value);
}

/** The route carries out one interaction: the gate authorises it. */
export const Interacts = (interaction: Interaction): CustomDecorator =>
  rule({ kind: 'interaction', interaction });

/** The gate asks who it is; what may be done is decided behind it, entry by entry. */
export const PerEntry = (interaction: Interaction): CustomDecorator =>
  rule({ kind: 'per-entry', interaction });

/** Anyone may ask. */
export const Public = (): CustomDecorator => rule({ kind: 'public' });
