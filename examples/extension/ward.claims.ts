import { Injectable } from '@nestjs/common';
import { ExtensionSettings, type ClaimRequest, type Claims, type ClaimSource } from 'firekeep';
import { clinic } from './clinic.extension.js';

/** A URL, so that no other server means something else by it. */
export const wardClaim = 'https://clinic.example.org/ward';

/** Tokens of users say which ward they belong to; `alice@surgery` belongs to surgery. */
@Injectable()
export class WardClaims implements ClaimSource {
  readonly name = 'clinic.ward';
  readonly claims = [wardClaim];

  constructor(private readonly settings: ExtensionSettings) {}

  claimsFor({ kind, subject }: ClaimRequest): Claims {
    if (kind === 'client') return {};
    const [, ward = this.settings.of(clinic).ward] = subject.split('@');
    return { [wardClaim]: ward };
  }
}
