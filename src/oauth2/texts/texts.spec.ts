import { markup } from './markup.js';
import { describeScope } from '../pages/scope-description.js';
import { en } from './en.js';
import { ja } from './ja.js';
import { textsFor } from './languages.js';

const parameters = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort();

describe('texts of the pages', () => {
  it.each([['ja', ja]])('has in %s what it has in English, with the same parameters', (_language, texts) => {
    expect(Object.keys(texts)).toEqual(Object.keys(en));
    for (const [key, text] of Object.entries(texts)) {
      expect(text).not.toBe('');
      expect([key, parameters(text)]).toEqual([key, parameters(en[key as keyof typeof en])]);
    }
  });

  it.each([
    [undefined, undefined, 'en'],
    ['ja', 'en', 'ja'],
    ['fr ja-JP en', undefined, 'ja'],
    ['fr', 'ja', 'ja'],
    [undefined, 'JA-jp,en;q=0.9', 'ja'],
    [undefined, 'ja;q=0.1, en-GB;q=0.2', 'en'],
    [undefined, 'ja;q=0', 'en'],
    [undefined, 'ja;q=x, *', 'en'],
    [['ja'], '', 'en'],
    ['__proto__ constructor', 'toString', 'en'],
    [`${'x '.repeat(1000)}ja`, undefined, 'en'],
  ])('are for ui_locales %p and Accept-Language %p in %s', (uiLocales, accepted, language) => {
    expect(textsFor(uiLocales, accepted).language).toBe(language);
  });

  it('escape values, save markup, and don’t read a value for a text', () => {
    const texts = textsFor('en', undefined);
    expect(texts.say('consent.heading', { client: '<b>{client}' }).text).toBe(
      'Allow &lt;b&gt;{client} access?',
    );
    expect(texts.say('consent.heading', { client: markup`<b>${'&'}</b>` }).text).toBe(
      'Allow <b>&amp;</b> access?',
    );
    expect(texts.plain('consent.title', { client: '$& {client}' })).toBe('Allow $& {client}?');
    expect(texts.find('scope.toString')).toBeUndefined();
  });

  it('say durations and scopes in their language', () => {
    const [english, japanese] = [textsFor('en', undefined), textsFor('ja', undefined)];
    expect([0.2, 1, 45, 150].map((seconds) => english.duration(seconds))).toEqual([
      '1 second',
      '1 second',
      '45 seconds',
      '3 minutes',
    ]);
    expect(japanese.duration(150)).toMatch(/^3 ?分$/);
    expect(describeScope('patient/Observation.rs?category=laboratory', japanese)).toBe(
      '対象の患者に関する「検査・観察」の記録(検体検査結果のみ)の読み取り、検索。',
    );
  });
});
