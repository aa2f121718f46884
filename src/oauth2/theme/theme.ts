import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { Logger } from '../../platform/logging/index.js';
import { RecurringWork } from '../../platform/schedule/index.js';
import type { Look } from '../pages/page.js';
import type { ThemeFile, ThemeFileKind } from './theme-file.js';
import { fetchThemeFile, readThemeFile } from './theme-source.js';

const every = 60_000;
/** Milliseconds after which what came from an address is fetched again. */
const staleAfter = 3_600_000;

const settingOf = {
  logo: ['themeLogo', 'FIREKEEP_THEME_LOGO'],
  stylesheet: ['themeStylesheet', 'FIREKEEP_THEME_STYLESHEET'],
  'smart-style': ['smartStyle', 'FIREKEEP_SMART_STYLE'],
} as const;
const kinds = Object.keys(settingOf) as ThemeFileKind[];
/** Below the issuer. */
export const themePaths: Readonly<Record<ThemeFileKind, string>> = {
  logo: '/theme/logo',
  stylesheet: '/theme/style.css',
  'smart-style': '/theme/smart-style.json',
};

/**
 * How the pages look, by configuration. Files are read at the start; what is at an address is fetched by the server,
 * so that pages load nothing from elsewhere, and is left out until it is there.
 */
@Injectable()
export class Theme implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly files = new Map<ThemeFileKind, ThemeFile>();
  private readonly fetchedAt = new Map<ThemeFileKind, number>();
  private readonly work: RecurringWork;

  constructor(
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {
    this.work = new RecurringWork(
      every,
      () => this.fetchAll(),
      (error) => this.logger.warn('theme not fetched', error),
    );
  }

  /** @throws FirekeepError `OAUTH2_THEME_INVALID` with the setting that names a wrong file */
  onModuleInit(): void {
    for (const kind of kinds) {
      const [key, name] = settingOf[kind];
      const source = this.settings.get(key);
      if (source === undefined || isUrl(source)) continue;
      try {
        this.files.set(kind, readThemeFile(kind, source));
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        throw new FirekeepError('invalid', 'OAUTH2_THEME_INVALID', `${name}: ${problem}`);
      }
    }
  }

  /** Nobody waits for it. */
  onApplicationBootstrap(): void {
    if (this.fetched().length === 0) return;
    this.work.start();
    void this.work.now();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.work.stop();
  }

  get look(): Look {
    const [logo, stylesheet] = [this.addressOf('logo'), this.addressOf('stylesheet')];
    return {
      name: this.settings.get('themeName'),
      ...(logo === undefined ? {} : { logo }),
      ...(stylesheet === undefined ? {} : { stylesheet }),
    };
  }

  /** Where apps find the style that they shall take over; its address changes with it. Undefined: there is none. */
  get smartStyleUrl(): string | undefined {
    const source = this.settings.get('smartStyle');
    return source !== undefined && isUrl(source) ? source : this.addressOf('smart-style');
  }

  file(kind: ThemeFileKind): ThemeFile | undefined {
    return this.files.get(kind);
  }

  private addressOf(kind: ThemeFileKind): string | undefined {
    const file = this.files.get(kind);
    return file === undefined ? undefined : `${this.settings.issuer}${themePaths[kind]}?v=${file.version}`;
  }

  /** Apps fetch the style of SMART from its own address. */
  private fetched(): readonly (readonly [ThemeFileKind, string])[] {
    return (['logo', 'stylesheet'] as const).flatMap((kind) => {
      const source = this.settings.get(settingOf[kind][0]);
      return source !== undefined && isUrl(source) ? [[kind, source] as const] : [];
    });
  }

  private async fetchAll(): Promise<void> {
    for (const [kind, url] of this.fetched()) {
      if ((this.fetchedAt.get(kind) ?? 0) + staleAfter > Date.now()) continue;
      try {
        this.files.set(kind, await fetchThemeFile(kind, url));
        this.fetchedAt.set(kind, Date.now());
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        this.logger.warn(`${settingOf[kind][1]}: ${problem}`);
      }
    }
  }
}

function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}
