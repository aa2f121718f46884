import { Module } from '@nestjs/common';
import { LOCAL_ACCESS_TOKENS } from '../../contract/index.js';
import { ClientsModule } from '../../clients/index.js';
import { ProofsModule } from '../../platform/proofs/index.js';
import { UsersModule } from '../../users/index.js';
import { ClaimSourcesModule } from '../claims/claim-sources.module.js';
import { AudiencesModule } from '../scopes/audiences.module.js';
import { EventsModule } from '../events/events.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { LaunchModule } from '../launch/launch.module.js';
import { ThemeModule } from '../theme/theme.module.js';
import { StoreModule } from '../store/store.module.js';
import { BearerIntrospection } from './bearer-introspection.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';
import { StoredAccessTokens } from './stored-access-tokens.js';
import { RevocationService } from './revocation.service.js';
import { TokenClaims } from './token-claims.js';
import { TokenIssuer } from './token-issuer.js';
import { UserinfoRoutes } from './userinfo.routes.js';

/** Access tokens: what they say, whether they are good, how they end. */
@Module({
  imports: [
    ClaimSourcesModule,
    EventsModule,
    ProofsModule,
    StoreModule,
    KeysModule,
    AudiencesModule,
    ClientsModule,
    UsersModule,
    LaunchModule,
    ThemeModule,
  ],
  providers: [
    TokenClaims,
    JwtAccessTokens,
    StoredAccessTokens,
    { provide: LOCAL_ACCESS_TOKENS, useExisting: StoredAccessTokens },
    RevocationService,
    TokenIssuer,
    UserinfoRoutes,
    BearerIntrospection,
  ],
  exports: [
    TokenClaims,
    JwtAccessTokens,
    LOCAL_ACCESS_TOKENS,
    RevocationService,
    TokenIssuer,
    UserinfoRoutes,
    BearerIntrospection,
  ],
})
export class TokenModule {}
