import { xhtmlProblem } from './xhtml-scanner.js';

const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
const rule = (text: string) => xhtmlProblem(text)?.rule;

describe('a narrative may have', () => {
  it.each([
    ['text', 'x'],
    ['references of XML', '&lt;&gt;&amp;&quot;&apos;&#160;&#xA0;'],
    ['a greater-than sign', 'a > b'],
    [
      'a table',
      '<table border="1"><thead><tr><th colspan="2">a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>',
    ],
    ['a list', '<ul><li>a</li><li><b>b</b></li></ul>'],
    ['an image alone', '<img src="#pic" alt=""/>'],
    ['an embedded picture', '<img src="data:image/png;base64,AAAA"/>'],
    ['a link', '<a href="http://example.org?a=1&amp;b=2">x</a> <a name="y">y</a>'],
    ['a mail link', '<a href="mailto:a@example.org">x</a>'],
    ['style and class', "<p class='a' style='color: red'>x</p>"],
    ['a comment', '<!-- c -->x'],
    ['an empty element in both ways', 'a<br/>b<br />c<br></br>'],
    [
      'the namespace again',
      '<p xml:lang="de" lang="de">x</p><div xmlns="http://www.w3.org/1999/xhtml">y</div>',
    ],
  ])('%s', (_what, content) => {
    expect(xhtmlProblem(div(content))).toBeUndefined();
    expect(xhtmlProblem(`\n ${div(content)}\n`)).toBeUndefined();
  });
});

describe('a narrative must not have (txt-1)', () => {
  it.each([
    ['a reference to a character that XML has not', 'a&#65535;b'],
    ['such a reference in an attribute', '<p title="&#xFFFE;">x</p>'],
    ['a reference to half a surrogate pair', 'a&#xD800;b'],
    ['a reference to NUL', 'a&#0;b'],
    ['a script', '<script>alert(1)</script>'],
    ['a script in other case', '<SCRIPT>alert(1)</SCRIPT>'],
    ['an event', '<p onclick="alert(1)">x</p>'],
    ['an event behind a slash', '<img/onerror="alert(1)" src="x"/>'],
    ['an address that runs', '<a href="javascript:alert(1)">x</a>'],
    ['an address that runs, in disguise', '<a href=" j&#97;va&#x0A;script&#58;alert(1)">x</a>'],
    ['a page in an address', '<a href="data:text/html,x">x</a>'],
    ['a drawing that may run', '<img src="data:image/svg+xml,x"/>'],
    ['a style that runs', '<p style="width: expression(alert(1))">x</p>'],
    ['a style that runs, in disguise', '<p style="width: e\\78pression(alert(1))">x</p>'],
    ['a style sheet', '<style>p {}</style>'],
    ['a linked style sheet', '<link rel="stylesheet" href="x"/>'],
    ['a form', '<form><input/></form>'],
    ['a frame', '<iframe src="x"/>'],
    ['an object', '<object data="x"/>'],
    ['SVG', '<svg><p>x</p></svg>'],
    ['a deprecated element', '<font color="red">x</font>'],
    ['an insertion', '<ins>x</ins>'],
    ['a body', '<body>x</body>'],
    ['an unknown attribute', '<p data-x="1">x</p>'],
    ['an attribute of another element', '<p href="x">x</p>'],
    ['an attribute twice', '<p id="a" id="b">x</p>'],
    ['an attribute without quotes', '<p id=a>x</p>'],
    ['an attribute without value', '<td nowrap>x</td>'],
    ['an attribute with a tag inside', '<p title="<b>">x</p>'],
    ['entities of HTML', 'a&nbsp;b'],
    ['an ampersand', 'a & b'],
    ['an ampersand in an address', '<a href="?a=1&b=2">x</a>'],
    ['CDATA', '<![CDATA[<img src=x onerror=alert(1)>]]>'],
    ['a processing instruction', '<?xml-stylesheet href="x"?>x'],
    ['a comment that HTML ends early', '<!--><img src="x"/>-->x'],
    ['a comment that HTML ends otherwise', '<!-- --!><b>x</b> -->x'],
    ['a comment without end', '<!-- x'],
    ['tags that cross', '<b><i>x</b></i>'],
    ['an end tag alone', 'x</p>'],
    ['another namespace', '<div xmlns="http://example.org">x</div>'],
    ['a prefix', '<h:p>x</h:p>'],
    ['a tag without end', '<p'],
    ['a less-than sign', 'a < b'],
    ['too many levels', '<b>'.repeat(200) + 'x' + '</b>'.repeat(200)],
  ])('%s', (_what, content) => {
    expect(rule(div(content))).toBe('txt-1');
  });

  it.each([
    ['nothing', ''],
    ['text', 'x'],
    ['another element', '<p xmlns="http://www.w3.org/1999/xhtml">x</p>'],
    ['no namespace', '<div>x</div>'],
    ['two elements', div('x') + div('y')],
    ['something behind', `${div('x')} y`],
    ['a declaration', `<?xml version="1.0"?>${div('x')}`],
    ['a DOCTYPE', `<!DOCTYPE div [<!ENTITY x "y">]>${div('x')}`],
    ['no end', '<div xmlns="http://www.w3.org/1999/xhtml">x'],
  ])('as a whole: %s', (_what, text) => {
    expect(rule(text)).toBe('txt-1');
  });
});

it.each(['', ' \n\t', '<p> </p>', '<!-- x -->', '<br/>'])(
  'a narrative needs content (txt-2): %j',
  (content) => {
    expect(rule(div(content))).toBe('txt-2');
  },
);

it('a self-closed div has no content (txt-2)', () => {
  expect(rule('<div xmlns="http://www.w3.org/1999/xhtml"/>')).toBe('txt-2');
});
