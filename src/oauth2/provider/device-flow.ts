import { Injectable } from '@nestjs/common';
import {
  errors,
  type Configuration,
  type KoaContextWithOIDC,
  type TokenEndpointGrantContext,
} from 'oidc-provider';
import { Settings } from '../../platform/config/index.js';
import {
  deviceCancelledPage,
  deviceCodePage,
  deviceConfirmPage,
  deviceConnectedPage,
  deviceThrottledPage,
  type DeviceCodeProblem,
} from '../pages/device.page.js';
import { inLanguage } from '../texts/languages.js';
import { managementEndpoint } from '../discovery/authorization-server-metadata.js';
import { traitsOf } from './engine-client.js';
import { clientAddressOf } from '../http/client-address.js';
import { DevicePolls } from './device-polls.js';
import { Pages } from '../theme/themed-pages.js';
import { askedLanguagesOf, textsOf } from './engine-language.js';
import { translated } from './protocol-error.js';
import { UserCodeThrottle } from './user-code.throttle.js';

type DeviceFeature = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>;

/** Below the issuer: where a person enters the code. */
export const devicePath = '/device';
const longestCode = 32;

interface DeviceState {
  /** Of a link that a device shows: filled in, never sent by itself. */
  userCode?: string;
  codeRefused?: boolean;
}

/**
 * The device grant: its pages, and the bounds on guessing and asking.
 * https://www.rfc-editor.org/rfc/rfc8628
 */
@Injectable()
export class DeviceFlow {
  constructor(
    private readonly settings: Settings,
    private readonly pages: Pages,
    private readonly polls: DevicePolls,
    private readonly throttle: UserCodeThrottle,
  ) {}

  feature(): DeviceFeature {
    return {
      enabled: true,
      charset: 'base-20',
      mask: '****-****',
      deviceInfo: () => ({}),
      userCodeInputSource: (ctx, _form, out, error) => this.askForCode(ctx, out !== undefined, error),
      userCodeConfirmSource: (ctx, _form, client, _info, userCode) => {
        const { clientName, dynamicallyRegistered } = traitsOf(client);
        this.pages.answer(
          ctx,
          deviceConfirmPage({
            texts: textsOf(ctx),
            action: this.actionFor(ctx),
            csrf: csrfOf(ctx),
            clientName,
            unverified: dynamicallyRegistered,
            userCode,
          }),
        );
      },
      successSource: (ctx) =>
        this.pages.answer(
          ctx,
          deviceConnectedPage(
            ctx.oidc.client === undefined ? '' : traitsOf(ctx.oidc.client).clientName,
            inLanguage(managementEndpoint(this.settings.issuer), askedLanguagesOf(ctx)),
            textsOf(ctx),
          ),
        ),
    };
  }

  /** Around the engine's handling of the page. */
  async around(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> {
    const state = ctx.state as DeviceState;
    if (ctx.path.replace(/\/$/, '') !== devicePath) {
      await this.orFromTheStart(ctx, next);
      return;
    }
    if (ctx.method !== 'POST') {
      const { user_code: given } = ctx.query;
      if (typeof given === 'string') state.userCode = given.slice(0, longestCode);
      ctx.query = {};
      await next();
      return;
    }
    const tried = await translated(() => this.throttle.take(clientAddressOf(ctx.req) ?? ''));
    if ('wait' in tried) {
      ctx.status = 429;
      ctx.set('Retry-After', String(Math.ceil(tried.wait)));
      this.pages.answer(ctx, deviceThrottledPage(tried.wait, textsOf(ctx)));
      return;
    }
    if (!(await this.orFromTheStart(ctx, next))) return;
    if (state.codeRefused !== true) await translated(() => this.throttle.giveBack(tried.place));
  }

  /** The engine can't keep the session of whoever comes without one. @returns whether it went on */
  private async orFromTheStart(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<boolean> {
    try {
      await next();
      return true;
    } catch (error) {
      const { session } = ctx.oidc as { session?: { new?: boolean } };
      if (session?.new !== true) throw error;
      ctx.redirect(this.actionFor(ctx));
      ctx.status = 303;
      return false;
    }
  }

  /** A device that asks too often is told to slow down, as long as its user has not decided. */
  async beforeGrant(ctx: TokenEndpointGrantContext): Promise<void> {
    const { params, provider, client } = ctx.oidc;
    const { device_code: value } = params;
    if (typeof value !== 'string') return;
    await translated(async () => {
      const code = await provider.DeviceCode.find(value);
      // What is wrong with it otherwise, the engine says.
      if (code?.clientId !== client.clientId) return;
      if (code.accountId !== undefined || code.error !== undefined) return;
      if (await this.polls.pass(value, (code.exp ?? 0) * 1000)) return;
      throw new errors.SlowDown();
    });
  }

  private actionFor(ctx: KoaContextWithOIDC): string {
    return inLanguage(new URL(this.settings.issuer).pathname + devicePath, askedLanguagesOf(ctx));
  }

  private askForCode(ctx: KoaContextWithOIDC, hasProblem: boolean, error: Error | undefined): void {
    const state = ctx.state as DeviceState;
    if (error?.name === 'AbortedError') {
      this.pages.answer(ctx, deviceCancelledPage(textsOf(ctx)));
      return;
    }
    const problem = hasProblem ? problemOf(error) : undefined;
    if (problem !== undefined && problem !== 'missing') state.codeRefused = true;
    const typed = (error as { userCode?: unknown } | undefined)?.userCode ?? state.userCode;
    const userCode = typeof typed === 'string' ? typed.slice(0, longestCode) : '';
    this.pages.answer(
      ctx,
      deviceCodePage({
        texts: textsOf(ctx),
        action: this.actionFor(ctx),
        csrf: csrfOf(ctx),
        userCode,
        problem,
      }),
    );
    if (problem !== undefined && ctx.status < 400) ctx.status = 400;
  }
}

/** Whether a code was wrong, has expired or was used is one answer: nothing to guess by. */
function problemOf(error: Error | undefined): DeviceCodeProblem {
  switch (error?.name) {
    case 'NoCodeError':
      return 'missing';
    case 'NotFoundError':
    case 'ExpiredError':
    case 'AlreadyUsedError':
      return 'unknown';
    case 'InvalidRequest':
      return 'expired-form';
    default:
      return 'refused';
  }
}

function csrfOf(ctx: KoaContextWithOIDC): string {
  const { state } = (ctx.oidc.session ?? {}) as { state?: { secret?: unknown } };
  return typeof state?.secret === 'string' ? state.secret : '';
}
