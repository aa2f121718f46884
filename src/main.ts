import 'reflect-metadata';
import { runServer } from './process/index.js';

await runServer();
