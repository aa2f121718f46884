import { createHash } from 'node:crypto';
import { markup, trusted, type Markup } from '../texts/markup.js';
import { languages } from '../texts/languages.js';
import type { Texts } from '../texts/texts.js';

export interface Page {
  /** Of its language. */
  readonly texts: Texts;
  readonly title: string;
  /** Tag of BCP 47 of what isn't from `texts`; undefined: all is. */
  readonly language?: string;
  readonly body: Markup;
  /** Where the page's forms may lead besides this server: redirect URIs. */
  readonly formTargets?: readonly unknown[];
  /** Address of the same page in another language; undefined: only what was asked for. */
  readonly addressIn?: (language: string) => string;
  /** Sends its form by itself where there is script; who has none presses the button. */
  readonly sendsItself?: boolean;
}

/** What the administrator chose: addresses of files that this server has, and the name of the product. */
export interface Look {
  readonly name: string;
  readonly logo?: string;
  readonly stylesheet?: string;
}

const style = `
*,*::before,*::after{box-sizing:border-box}
html{color-scheme:light dark;--ink:#16202c;--soft:#4a5868;--paper:#fff;--ground:#eef2f6;--line:#8593a3;--accent:#0b5fae;--accent-ink:#fff;--bad:#a3131f;--bad-ground:#fdecee;--note:#fff5da;--note-ink:#5b4300}
@media (prefers-color-scheme:dark){html{--ink:#e9eef4;--soft:#b3bfcc;--paper:#1b242e;--ground:#10161d;--line:#73808f;--accent:#6db3f5;--accent-ink:#07192b;--bad:#ff9aa2;--bad-ground:#3c1a1e;--note:#3a300f;--note-ink:#f5dd97}}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:30rem;margin:0 auto;padding:1.5rem 1rem 3rem}
.card{background:var(--paper);border-radius:.75rem;padding:1.5rem;box-shadow:0 1px 3px rgb(0 0 0/.18)}
.brand{margin:0 0 1rem;font-weight:600;color:var(--soft)}
.brand img{display:block;max-width:100%;max-height:3.5rem}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1.05rem;margin:1.5rem 0 .5rem}
p{margin:0 0 .75rem}
.soft{color:var(--soft)}
label{display:block;font-weight:600;margin:1rem 0 .25rem}
input[type=text],input[type=password]{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.4rem}
input[aria-invalid=true]{border:2px solid var(--bad)}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button{min-height:2.75rem;padding:.5rem 1.25rem;font:inherit;font-weight:600;border-radius:.4rem;border:1px solid var(--accent);background:var(--paper);color:var(--accent);cursor:pointer;flex:1 1 8rem}
button.main{background:var(--accent);color:var(--accent-ink)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.summary{background:var(--bad-ground);border-left:.3rem solid var(--bad);border-radius:.3rem;padding:.75rem 1rem;margin:0 0 1rem}
.summary h2{margin:0 0 .25rem;color:var(--bad)}
.summary p{margin:0}
.summary a{color:inherit}
.note{background:var(--note);color:var(--note-ink);border-radius:.3rem;padding:.75rem 1rem;margin:0 0 1rem}
fieldset{border:0;margin:0;padding:0;min-width:0}
legend{font-weight:600;padding:0}
.scopes>legend{font-size:1.05rem}
.scope{padding:.6rem 0;border-top:1px solid var(--line)}
.scopes .hint{margin:.25rem 0 .5rem}
.tick{display:flex;gap:.6rem;align-items:flex-start}
.tick input{flex:none;width:1.35rem;height:1.35rem;margin:.1rem 0 0;accent-color:var(--accent)}
.tick label{flex:1;min-width:0;margin:0;font-weight:400}
.tick+.tick{margin-top:.4rem}
details{margin:.4rem 0 0 1.95rem}
summary{padding:.35rem 0;margin-bottom:.4rem;color:var(--accent);cursor:pointer}
details fieldset{margin:.5rem 0}
ul.choices{list-style:none;margin:0;padding:0}
ul.choices li{margin:0 0 .5rem}
ul.choices button{width:100%;text-align:start;font-weight:400;color:var(--ink);border-color:var(--line)}
ul.choices strong,ul.choices span{display:block}
ul.choices span,.hint{color:var(--soft);font-size:.9rem}
.hint{margin:.25rem 0 0}
.hint+.soft{margin-top:.75rem}
button.end{border-color:var(--bad);color:var(--bad)}
button.small{min-height:2.25rem;padding:.25rem .9rem;font-size:.95rem}
a{color:var(--accent)}
h3{font-size:1rem;line-height:1.3;margin:0 0 .5rem}
.done{background:var(--ground);border-left:.3rem solid var(--accent);border-radius:.3rem;padding:.75rem 1rem}
.entry{border-top:1px solid var(--line);padding:1rem 0}
.entry p{margin:0 0 .5rem}
.hint+.entry{margin-top:.75rem}
.access+p{margin-top:.75rem}
.entry .actions{margin-top:.75rem}
.access+.access{border-top:1px dashed var(--line);margin-top:.75rem;padding-top:.75rem}
.rows{margin:0 0 .5rem}
.rows div{display:flex;flex-wrap:wrap;gap:0 .6rem}
.rows dt{flex:none;width:7.5rem;font-weight:400;color:var(--soft)}
.rows dd{flex:1 1 10rem;min-width:0;margin:0 0 .15rem}
details.flat{margin:0 0 .5rem}
details.flat ul{margin:0;padding-inline-start:1.2rem}
details.flat li{margin:0 0 .35rem}
.pages{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;padding:.75rem 0;border-top:1px solid var(--line)}
.reader{margin:1.25rem 0 0;padding-top:.75rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}
nav.languages{display:flex;flex-wrap:wrap;justify-content:center;gap:.25rem 1.5rem;margin-top:1.25rem}
code{font-size:.85em;color:var(--soft)}
dl{margin:0 0 1rem}
dt{font-weight:600}
dd{margin:0 0 .5rem}
`;
const styleHash = createHash('sha256').update(style).digest('base64');

const script = 'document.forms[0].submit()';
const scriptHash = createHash('sha256').update(script).digest('base64');

/** The whole document. Works without script, by keyboard, and down to 320 pixels. */
export function renderPage(page: Page, look: Look): string {
  const { title, body, texts, sendsItself } = page;
  const document = markup`<!doctype html>
<html lang="${page.language ?? texts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${look.name}</title>
<style>${trusted(style)}</style>
${look.stylesheet === undefined ? undefined : markup`<link rel="stylesheet" href="${look.stylesheet}">`}
</head>
<body>
<main>
<p class="brand">${look.logo === undefined ? look.name : markup`<img src="${look.logo}" alt="${look.name}">`}</p>
<div class="card">
${body}
</div>
${languageLinks(page)}
</main>
${sendsItself === true ? markup`<script>${trusted(script)}</script>` : undefined}
</body>
</html>
`;
  return document.text;
}

/** Each language by its own name; the one that the page is in leads nowhere. */
function languageLinks({ texts, addressIn }: Page): Markup | undefined {
  if (addressIn === undefined) return undefined;
  const links = languages.map((other) => {
    const { language } = other;
    const name = other.say('language.name');
    return language === texts.language
      ? markup`<span aria-current="true">${name}</span>`
      : markup`<a href="${addressIn(language)}" hreflang="${language}" lang="${language}">${name}</a>`;
  });
  return markup`<nav class="languages" aria-label="${texts.plain('language.choose')}">${links}</nav>`;
}

/**
 * The policy of a page. Browsers hold `form-action` against every redirect that follows a form, so the client's
 * redirect URI must be in it, and whatever the client redirects to in turn: for a client on the web its scheme,
 * for one on this machine its host with any port, for an installed one its private-use scheme.
 */
export function contentSecurityPolicy(
  { formTargets = [], sendsItself }: Omit<Page, 'body'>,
  look: Look,
): string {
  const targets = new Set(formTargets.map(formSource).filter((source) => source !== undefined));
  return [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'${source(look.stylesheet)}`,
    ...(look.logo === undefined ? [] : [`img-src${source(look.logo)}`]),
    ...(sendsItself === true ? [`script-src 'sha256-${scriptHash}'`] : []),
    `form-action 'self'${[...targets].map((source) => ` ${source}`).join('')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Exactly this file; a query is no part of a source expression. */
function source(address: string | undefined): string {
  return address === undefined ? '' : ` ${address.replace(/[?#].*$/, '')}`;
}

/** A source expression for a redirect URI; undefined: none is needed. */
export function formSource(target: unknown): string | undefined {
  if (typeof target !== 'string' || !URL.canParse(target)) return undefined;
  const { protocol, hostname } = new URL(target);
  if (!/^[a-z][a-z0-9+.-]*:$/.test(protocol)) return undefined;
  // A host source can't be an IPv6 address, and host characters come from a registered, checked URI.
  if (protocol === 'http:' && /^[a-z0-9.-]+$/.test(hostname)) return `http://${hostname}:*`;
  return protocol;
}
