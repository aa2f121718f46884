import 'reflect-metadata';
import { createApplication } from './create-application.js';
import { loadSettings } from './platform/config/index.js';

const settings = loadSettings();
const app = await createApplication(settings);
await app.listen(settings.get('port'), settings.get('host'));
