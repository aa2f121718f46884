export { EventSourcesModule } from './event-sources.module.js';
export type { FirekeepEventName, FirekeepEventTypes } from './events/event-types.js';
export { FirekeepEvents } from './events/firekeep-events.js';
export { FirekeepExtensionModule } from './firekeep-extension.module.js';
