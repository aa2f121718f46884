import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/index.js';
import { AddressUpkeep } from './address-upkeep.js';
import { ClientLookup } from './client-lookup.js';
import { ClientSecrets } from './client-secrets.js';
import { ClientEntity } from './client.entity.js';
import { ClientsService } from './clients.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([ClientEntity]), UsersModule],
  providers: [ClientSecrets, ClientsService, ClientLookup, AddressUpkeep],
  exports: [ClientsService, ClientLookup],
})
export class ClientsModule {}
