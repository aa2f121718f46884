import { Inject, Injectable, Optional } from '@nestjs/common';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../contract/index.js';
import { Settings } from '../../platform/config/index.js';

/** This server's own issuer; there is none in a process that is a resource server only. */
@Injectable()
export class OwnIssuer {
  constructor(
    private readonly settings: Settings,
    @Optional() @Inject(LOCAL_ACCESS_TOKENS) readonly tokens?: LocalAccessTokens,
  ) {}

  get issuer(): string | null {
    if (this.tokens !== undefined) return this.tokens.issuer;
    return this.settings.servesAuthorization ? this.settings.issuer : null;
  }

  is(issuer: string): boolean {
    return issuer === this.issuer;
  }
}
