const nameShape = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const controls = /[\u0000-\u001f\u007f-\u009f]/;

/** Whether the text can name a TLS configuration or an application: it stands in URLs and files. */
export function isName(text: string, limit: number): boolean {
  return text.length <= limit && nameShape.test(text);
}

/** Text for people: no control characters, within the limit. */
export function isPlainText(text: string, limit: number): boolean {
  return text.length <= limit && !controls.test(text);
}
