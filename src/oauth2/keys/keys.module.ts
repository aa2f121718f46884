import { Module } from '@nestjs/common';
import { StoreModule } from '../store/store.module.js';
import { KeyRing } from './key-ring.js';

@Module({ imports: [StoreModule], providers: [KeyRing], exports: [KeyRing] })
export class KeysModule {}
