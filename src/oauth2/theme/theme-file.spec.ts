import { themeFile } from './theme-file.js';

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(20)]);

describe('files of the theme', () => {
  it.each([
    ['logo', png, 'image/png'],
    ['logo', Buffer.from('\xff\xd8\xff\xe0', 'latin1'), 'image/jpeg'],
    ['logo', Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1'), 'image/webp'],
    ['logo', Buffer.from('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="…">'), 'image/svg+xml'],
    ['stylesheet', Buffer.from('html{--accent:#060}'), 'text/css; charset=utf-8'],
    ['smart-style', Buffer.from('{"color_background":"#fff"}'), 'application/json; charset=utf-8'],
  ] as const)('%s is known by its content as %#', (kind, content, mediaType) => {
    const file = themeFile(kind, content);
    expect(file.mediaType).toBe(mediaType);
    expect(file.version).toMatch(/^[0-9a-f]{16}$/);
    expect(themeFile(kind, Buffer.concat([content, Buffer.from(' ')])).version).not.toBe(file.version);
  });

  it.each([
    ['logo', Buffer.from('<html><svg>'), 'no PNG'],
    ['logo', Buffer.from(''), 'no PNG'],
    ['logo', Buffer.concat([png, Buffer.alloc(256 * 1024)]), '256 KiB'],
    ['stylesheet', Buffer.from([0xff, 0xfe, 0x00]), 'UTF-8'],
    ['stylesheet', Buffer.alloc(64 * 1024 + 1, 'x'), '64 KiB'],
    ['smart-style', Buffer.from('[]'), 'JSON object'],
    ['smart-style', Buffer.from('{"color_background":1}'), 'JSON object'],
    ['smart-style', Buffer.from('{'), 'well-formed'],
    ['smart-style', Buffer.alloc(16 * 1024 + 1, ' '), '16 KiB'],
  ] as const)('%s is refused where it is something else: %#', (kind, content, problem) => {
    expect(() => themeFile(kind, content)).toThrow(problem);
  });
});
