import { softwareVersion } from '../fhir/index.js';
import type { Settings } from '../platform/config/index.js';
import { StartedExtensions } from '../platform/extension/index.js';
import type { Logger } from '../platform/logging/index.js';
import { definitionsOf } from './extension-definitions.js';
import { loadExtensions, type Extensions } from './extensions.js';

/**
 * What the extensions say of themselves, checked, with their settings.
 *
 * @throws FirekeepError `EXTENSION_…`, `CONFIG_…`
 */
export async function startedExtensions(
  settings: Settings,
  modules: Extensions,
  logger?: Logger,
): Promise<StartedExtensions> {
  const { definitions, unmarked } = await definitionsOf(modules);
  for (const module of unmarked) {
    logger?.warn('an extension does not say which versions of Firekeep it is made for (@FirekeepExtension)', {
      module,
    });
  }
  return StartedExtensions.of(definitions, softwareVersion(), settings.ofExtensions);
}

/** Those that `FIREKEEP_EXTENSIONS` names, without starting anything. @throws FirekeepError as `startedExtensions` */
export async function configuredExtensions(settings: Settings): Promise<StartedExtensions> {
  return startedExtensions(settings, await loadExtensions(settings.get('extensions')));
}
