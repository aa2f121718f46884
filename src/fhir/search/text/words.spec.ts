import { narrativeWords } from './narrative-words.js';
import { visitTerms } from './words.js';

function terms(text: string): string[] {
  const found: string[] = [];
  visitTerms(text, (term) => found.push(term));
  return found;
}

describe('terms', () => {
  test.each([
    ['Müller, O’Brien & Co.', ['muller', 'obrien', 'co']],
    ['well-known 5.4 mg/dL', ['well', 'known', '5', '4', 'mg', 'dl']],
    ['高血圧症', ['高血', '血圧', '圧症', '症']],
    ['2型糖尿病です', ['2', '型糖', '糖尿', '尿病', '病で', 'です', 'す']],
    ['インスリン', ['イン', 'ンス', 'スリ', 'リン', 'ン']],
    ['고혈압 환자', ['고혈압', '환자']],
    ['ปวดหัว', ['ปว', 'วด', 'ดห', 'หั', 'ัว', 'ว']],
    ['Ελλάδα Москва', ['ελλαδα', 'москва']],
    ["it's the patients' `own`", ['its', 'the', 'patients', 'own']],
    ["x\u0000y' ' z\u00e9`", ['x', 'y', 'ze']],
    ['+++ — …', []],
    ['', []],
    ['\ud800 x \udfff', ['x']],
  ])('%s', (text, expected) => {
    expect(terms(text)).toEqual(expected);
  });

  test('of long words are what these start with, cut between characters', () => {
    expect(terms('x'.repeat(100))).toEqual(['x'.repeat(40)]);
    expect(terms('𝔘'.repeat(100))).toEqual(terms('u'.repeat(40)));
    expect(terms('𐐨'.repeat(100))).toEqual(['𐐨'.repeat(40)]);
  });
});

describe('the text of XHTML', () => {
  test.each([
    ['<div><p>High <b>blood</b></p><p>pressure</p></div>', 'High blood pressure'],
    ['<div>h<sub>2</sub>o<br/>x</div>', 'h2o x'],
    ['<div title="a > b">c<!-- d > e -->f</div>', 'c f'],
    ['<div>a &lt;b&gt; &amp; c&#233; &#xe9; &nbsp; &unknown; &#9999999;</div>', 'a <b> & cé é &unknown;'],
    ['<div>no end <b', 'no end'],
    ['plain', 'plain'],
    ['<!-- ', ''],
  ])('%s', (xhtml, text) => {
    expect(narrativeWords(xhtml).replace(/\s+/g, ' ').trim()).toBe(text);
  });

  test.each(['<', '<!--', '<a "', '&', '<b>a</b>'])('takes time in proportion to its length: %s', (part) => {
    const start = performance.now();
    narrativeWords(part.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
